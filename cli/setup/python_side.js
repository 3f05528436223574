// @ts-check
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Failure } = require('../failure.js');
const { say } = require('../language.js');
const { bytes } = require('../terminal/format.js');
const { objection, probe, suitableInterpreters } = require('./interpreters.js');
const { runLogged } = require('./run_logged.js');
const { filesUnder, hashInputs, readJson, writeJson } = require('./stamps.js');

/** @typedef {import('./steps.js').Note} Note */

const NO_CPU_TORCH = 3;
const INSTALLER = path.join(__dirname, 'python_environment.py');
const LARGEST_SHOWN = 3;

/** @param {string} venv */
const environmentProgram = (venv) => path.join(venv, 'bin', 'python3');
/** @param {string} venv */
const environmentStamp = (venv) => path.join(venv, 'fluorite-environment.json');
/** @param {string} venv */
const environmentManifest = (venv) => path.join(venv, 'fluorite-python.json');

/** @param {string} root */
function requirementsHash(root) {
  const project = path.join(root, 'python');
  const declared = fs.readFileSync(path.join(project, 'pyproject.toml'), 'utf8').split(/^\[tool\./m)[0];
  return hashInputs(root, [path.join(project, 'requirements.lock'), INSTALLER], [declared]);
}

/**
 * Whether the manifest still describes the environment's interpreter; starts no process.
 * @param {string} venv
 */
function manifestIsCurrent(venv) {
  const manifest = readJson(environmentManifest(venv));
  const modified = (/** @type {string} */ file) => Math.floor(fs.statSync(file).mtimeMs);
  try {
    return (
      manifest.format === 1 &&
      manifest.program === environmentProgram(venv) &&
      manifest.executable_mtime_ms === modified(manifest.program) &&
      manifest.pyvenv_cfg_mtime_ms === modified(path.join(venv, 'pyvenv.cfg')) &&
      fs.existsSync(manifest.library)
    );
  } catch {
    return false;
  }
}

/**
 * Whether the environment has everything wanted; starts no process.
 * @param {{root: string, venv: string, python?: string, extras: string[]}} options
 */
function environmentIsCurrent({ root, venv, python, extras }) {
  const stamp = readJson(environmentStamp(venv));
  return (
    stamp?.hash === requirementsHash(root) &&
    extras.every((extra) => stamp.extras.includes(extra)) &&
    (python === undefined || stamp.requested === python) &&
    manifestIsCurrent(venv)
  );
}

/**
 * @typedef {{name: string, version: string, bytes: number | null}} Download
 */

/**
 * What will be fetched, as one line: how many packages, how much, and the largest.
 * @param {Download[]} downloads
 */
function describePlan(downloads) {
  if (downloads.length === 0) return say('python.nothing_to_fetch');
  const total = downloads.reduce((sum, download) => sum + (download.bytes ?? 0), 0);
  const unknown = downloads.filter((download) => download.bytes === null).length;
  const largest = downloads
    .filter((download) => download.bytes !== null)
    .sort((a, b) => Number(b.bytes) - Number(a.bytes))
    .slice(0, LARGEST_SHOWN)
    .map((download) => `${download.name} ${bytes(Number(download.bytes))}`);
  const plan = say('python.plan', {
    count: downloads.length,
    size: bytes(total),
    largest: largest.join(', '),
  });
  return unknown === 0 ? plan : `${plan} ${say('python.plan_unknown', { count: unknown })}`;
}

/**
 * @param {Note} note
 * @param {(downloads: Download[]) => void} onPlan
 */
function pipNotes(note, onPlan) {
  let collected = 0;
  /** @type {Map<string, number>} */
  let sizes = new Map();
  let fetched = 0;
  return (/** @type {string} */ line) => {
    const plan = line.match(/^plan: (.*)/)?.[1];
    const name = line.match(/^Collecting ([\w.-]+)/)?.[1];
    const download = line.match(/^\s*(?:Downloading|Using cached) ((\S+?)-\S+) \((.+)\)/);
    const installing = line.match(/^Installing collected packages: (.*)/)?.[1];
    if (plan) {
      /** @type {Download[]} */
      const downloads = JSON.parse(plan);
      sizes = new Map(downloads.map((one) => [one.name, one.bytes ?? 0]));
      onPlan(downloads);
    }
    if (/^note: looking/.test(line)) note(say('python.looking_for_torch'));
    if (/^note: asking/.test(line)) note(say('python.planning'));
    if (name) note(say('python.collecting', { count: ++collected, name }));
    if (download && !download[1].endsWith('.metadata')) {
      const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      note(say('python.downloading', { file: download[1], size: download[3] }), fetched, total);
      fetched += sizes.get(download[2].replace(/[-_.]+/g, '-').toLowerCase()) ?? 0;
    }
    if (installing) note(say('python.installing', { count: installing.split(', ').length }));
  };
}

/** @param {string} venv */
function removeEnvironment(venv) {
  if (fs.existsSync(venv) && !fs.existsSync(environmentStamp(venv))) {
    throw new Failure(say('python.foreign_environment', { venv }));
  }
  fs.rmSync(venv, { recursive: true, force: true });
}

/**
 * @param {string} program
 * @param {string} venv
 * @param {string} log
 */
async function createEnvironment(program, venv, log) {
  const { code, tail } = await runLogged(program, ['-m', 'venv', venv], { log });
  if (code !== 0) {
    throw new Failure(say('python.venv_failed', { program, output: tail }));
  }
  writeJson(environmentStamp(venv), { hash: null, extras: [], requested: null });
}

/** @param {string} venv */
function writeManifest(venv) {
  const manifest = probe(environmentProgram(venv));
  const reason = objection(manifest);
  if (reason) {
    throw new Failure(say('python.cannot_serve', { program: environmentProgram(venv), reason, venv }));
  }
  writeJson(environmentManifest(venv), manifest);
}

/**
 * @param {{root: string, extras: string[], offline?: boolean, wheels?: string}} options
 * @returns {string[]} the installer's arguments, for the environment's own interpreter
 */
function installerCommand({ root, extras, offline, wheels }) {
  const command = [INSTALLER, '--project', path.join(root, 'python'), '--extras', extras.join(',')];
  if (offline) command.push('--offline');
  if (wheels) command.push('--wheels', path.resolve(wheels));
  return command;
}

/**
 * What an installation would fetch; a missing environment is judged in a temporary one.
 * @param {{root: string, venv: string, python?: string, extras: string[], offline?: boolean, wheels?: string,
 *   log: string, note?: Note}} options
 * @returns {Promise<Download[]>}
 */
async function planEnvironment({ root, venv, python, log, note = () => {}, ...options }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-plan-'));
  try {
    let program = environmentProgram(venv);
    if (objection(probe(program))) {
      const [interpreter] = suitableInterpreters(python ? [python] : undefined);
      const { code, tail } = await runLogged(interpreter.program, ['-m', 'venv', folder], { log });
      if (code !== 0)
        throw new Failure(say('python.venv_failed', { program: interpreter.program, output: tail }));
      program = environmentProgram(folder);
    }
    /** @type {Download[] | undefined} */
    let planned;
    const command = [...installerCommand({ root, ...options }), '--dry-run'];
    const onLine = pipNotes(note, (downloads) => {
      planned = downloads;
    });
    const { tail } = await runLogged(program, command, { log, onLine });
    if (planned) return planned;
    throw new Failure(
      say(options.offline ? 'python.offline_failed' : 'python.install_failed', { log, output: tail }),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Creates or completes the virtual environment and its manifest, fluorite-python.json.
 * @param {{root: string, venv: string, python?: string, extras: string[], offline?: boolean, wheels?: string,
 *   log: string, note?: Note, onPlan?: (downloads: Download[]) => void}} options
 * @returns {Promise<void>} rejects with a Failure that names the remedy
 */
async function prepareEnvironment(options) {
  const { root, venv, python, offline = false, wheels, log, note = () => {}, onPlan = () => {} } = options;
  const stamp = readJson(environmentStamp(venv));
  const extras = [...new Set([...options.extras, ...(stamp?.extras ?? [])])].sort();
  const hash = requirementsHash(root);
  const command = installerCommand({ root, extras, offline, wheels });

  let failure = '';
  for (const interpreter of suitableInterpreters(python ? [python] : undefined)) {
    const existing = probe(environmentProgram(venv));
    const sameVersion = existing?.version.join('.') === interpreter.version.join('.');
    if (objection(existing) || (python && !sameVersion)) {
      note(say('python.creating', { version: interpreter.version.join('.') }));
      removeEnvironment(venv);
      await createEnvironment(interpreter.program, venv, log);
    }
    const { code, tail } = await runLogged(environmentProgram(venv), command, {
      log,
      onLine: pipNotes(note, onPlan),
    });
    if (code === 0) {
      writeManifest(venv);
      writeJson(environmentStamp(venv), { hash, extras, requested: python ?? null });
      return;
    }
    failure = tail.replace(/^WARNING: .*\n/gm, '');
    if (code !== NO_CPU_TORCH) break;
    removeEnvironment(venv);
  }
  throw new Failure(
    say(offline ? 'python.offline_failed' : 'python.install_failed', { log, output: failure }),
  );
}

/** @param {string} root */
function exportHash(root) {
  const embedding = filesUnder(path.join(root, 'python', 'fluorite', 'embedding'), /\.py$/);
  return hashInputs(root, embedding, [requirementsHash(root)]);
}

/**
 * Whether the exported model's files are still what the last export left; starts no process.
 * @param {string} root
 * @param {string} state
 */
function modelIsCurrent(root, state) {
  const stamp = readJson(path.join(state, 'model.json'));
  return (
    stamp?.hash === exportHash(root) &&
    Object.entries(stamp.files).every(
      ([file, size]) => fs.statSync(path.join(root, file), { throwIfNoEntry: false })?.size === size,
    )
  );
}

/**
 * @param {{root: string, state: string, venv: string, note: Note}} options
 */
async function exportModel({ root, state, venv, note }) {
  const models = path.join(root, 'models');
  const log = path.join(state, 'model.log');
  const { code, tail } = await runLogged(
    environmentProgram(venv),
    ['-m', 'fluorite.embedding.export', '--models-path', models],
    {
      env: { ...process.env, PYTHONPATH: path.join(root, 'python'), PYTHONUNBUFFERED: '1' },
      log,
      onLine: (line) => {
        const [, done, total] = line.match(/(\d+) of (\d+)/)?.map(Number) ?? [];
        note(line.trim(), done, total);
      },
    },
  );
  if (code !== 0) {
    throw new Failure(say('model.export_failed', { log, output: tail }));
  }
  const exported = filesUnder(models, /^(manifest\.json|tokenizer\.json|.*\.onnx)$/);
  const files = exported.map((file) => [path.relative(root, file), fs.statSync(file).size]);
  writeJson(path.join(state, 'model.json'), { hash: exportHash(root), files: Object.fromEntries(files) });
}

module.exports = {
  describePlan,
  environmentIsCurrent,
  environmentProgram,
  exportModel,
  installerCommand,
  modelIsCurrent,
  planEnvironment,
  prepareEnvironment,
};
