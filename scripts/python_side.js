// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { SetupError, runLogged } = require('./console.js');
const { objection, probe, suitableInterpreters } = require('./interpreters.js');
const { filesUnder, hashInputs, readJson, writeJson } = require('./stamps.js');

const NO_CPU_TORCH = 3;

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
  const installer = path.join(root, 'scripts', 'python_environment.py');
  return hashInputs(root, [path.join(project, 'requirements.lock'), installer], [declared]);
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

/** @param {(text: string) => void} note */
function pipNotes(note) {
  let collected = 0;
  return (/** @type {string} */ line) => {
    const name = line.match(/^Collecting ([\w.-]+)/)?.[1];
    const download = line.match(/^\s*Downloading (\S+) \((.+)\)/);
    const installing = line.match(/^Installing collected packages: (.*)/)?.[1];
    const announced = line.match(/^note: (.*)/)?.[1];
    if (announced) note(announced);
    if (name) note(`${++collected} packages collected, ${name}`);
    if (download && !download[1].endsWith('.metadata')) note(`downloading ${download[1]}, ${download[2]}`);
    if (installing) note(`installing ${installing.split(', ').length} package(s)`);
  };
}

/** @param {string} venv */
function removeEnvironment(venv) {
  if (fs.existsSync(venv) && !fs.existsSync(environmentStamp(venv))) {
    throw new SetupError(
      `${venv} exists and was not made by this set-up.\n  remedy: remove it, or name another folder with --venv`,
    );
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
    throw new SetupError(
      `${program} -m venv failed:\n${tail}\n` +
        "  remedy: install Python's venv module (sudo apt install python3-venv), then run this command again",
    );
  }
  writeJson(environmentStamp(venv), { hash: null, extras: [], requested: null });
}

/** @param {string} venv */
function writeManifest(venv) {
  const manifest = probe(environmentProgram(venv));
  const reason = objection(manifest);
  if (reason) {
    throw new SetupError(
      `${environmentProgram(venv)} cannot serve: ${reason}\n  remedy: remove ${venv} and run this command again`,
    );
  }
  writeJson(environmentManifest(venv), manifest);
}

/**
 * Creates or completes the virtual environment and its manifest, fluorite-python.json.
 * @param {{root: string, venv: string, python?: string, extras: string[], offline?: boolean, wheels?: string,
 *   log: string, note?: (text: string) => void}} options
 * @returns {Promise<void>} rejects with a SetupError that names the remedy
 */
async function prepareEnvironment(options) {
  const { root, venv, python, offline = false, wheels, log, note = () => {} } = options;
  const stamp = readJson(environmentStamp(venv));
  const extras = [...new Set([...options.extras, ...(stamp?.extras ?? [])])].sort();
  const hash = requirementsHash(root);
  const command = [
    path.join(root, 'scripts', 'python_environment.py'),
    '--project',
    path.join(root, 'python'),
  ];
  command.push('--extras', extras.join(','));
  if (offline) command.push('--offline');
  if (wheels) command.push('--wheels', path.resolve(wheels));

  let failure = '';
  for (const interpreter of suitableInterpreters(python ? [python] : undefined)) {
    const existing = probe(environmentProgram(venv));
    const sameVersion = existing?.version.join('.') === interpreter.version.join('.');
    if (objection(existing) || (python && !sameVersion)) {
      note(`creating ${path.basename(venv)} with CPython ${interpreter.version.join('.')}`);
      removeEnvironment(venv);
      await createEnvironment(interpreter.program, venv, log);
    }
    const { code, tail } = await runLogged(environmentProgram(venv), command, {
      log,
      onLine: pipNotes(note),
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
  const offlineHint =
    '  offline: fill --wheels DIR where there is a network, with\n' +
    '           pip download --dest DIR --constraint python/requirements.lock PACKAGE...\n';
  throw new SetupError(
    `The Python packages could not be installed (whole log: ${log}):\n${failure}\n${offline ? offlineHint : ''}` +
      '  remedy: correct the cause named above (often the network), then run this command again;\n' +
      '          --python PATH chooses another interpreter, --wheels DIR a folder of wheels,\n' +
      '          --serve-only does without torch where the model has been exported elsewhere',
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
 * @param {{root: string, state: string, venv: string, note: (text: string) => void}} options
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
      onLine: (line) => note(line.trim()),
    },
  );
  if (code !== 0) {
    throw new SetupError(
      `The embedding model could not be exported (whole log: ${log}):\n${tail}\n` +
        '  remedy: correct the cause named above, then run this command again',
    );
  }
  const exported = filesUnder(models, /^(manifest\.json|tokenizer\.json|.*\.onnx)$/);
  const files = exported.map((file) => [path.relative(root, file), fs.statSync(file).size]);
  writeJson(path.join(state, 'model.json'), { hash: exportHash(root), files: Object.fromEntries(files) });
}

module.exports = {
  environmentIsCurrent,
  environmentProgram,
  exportModel,
  modelIsCurrent,
  prepareEnvironment,
};
