// @ts-check

require('../tests/isolate.js');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const ROOT = path.dirname(__dirname);
const NOTE_EVERY_MS = 2000;

/** @typedef {string | number | null | undefined} Cell */

/**
 * The command's options. `--help` prints `help` and ends the process; an option unknown or not valid ends it too.
 * @template {Record<string, string | number>} Defaults
 * @param {string} help
 * @param {Defaults} defaults a number means that the option takes a positive whole number
 * @returns {Defaults}
 */
function readOptions(help, defaults) {
  /** @type {Record<string, string | number>} */
  const chosen = { ...defaults };
  try {
    /** @type {Record<string, {type: 'string' | 'boolean'}>} */
    const options = { help: { type: 'boolean' } };
    for (const name of Object.keys(defaults)) options[name] = { type: 'string' };
    const { values } = parseArgs({ options });
    if (values.help) {
      process.stdout.write(help);
      process.exit(0);
    }
    for (const [name, value] of Object.entries(values)) {
      if (typeof defaults[name] === 'string') chosen[name] = String(value);
      else if (/^[1-9]\d*$/.test(String(value))) chosen[name] = Number(value);
      else throw new Error(`--${name} takes a positive whole number, not '${value}'.`);
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(2);
  }
  return /** @type {Defaults} */ (chosen);
}

/** Ends the process with a message. @param {string} message @returns {never} */
function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

/**
 * The file or folder that an option names. Ends the process if it is not given, not there or not of this kind.
 * @param {string} option with its dashes
 * @param {string} given
 * @param {'file' | 'folder'} kind
 * @param {string} what it holds, in a few words
 * @returns {string} as an absolute path
 */
function existing(option, given, kind, what) {
  if (given === '') return refuse(`${option} is missing. Give it a ${kind} of ${what}; --help has examples.`);
  const found = fs.statSync(given, { throwIfNoEntry: false });
  if (found === undefined) return refuse(`${option}: ${given} does not exist. Give it a ${kind} of ${what}.`);
  if (found.isDirectory() !== (kind === 'folder')) {
    return refuse(`${option}: ${given} is no ${kind}. Give it a ${kind} of ${what}.`);
  }
  return path.resolve(given);
}

/** The interpreter that the bridge embeds; peers in Python run on the same one. */
function pythonProgram() {
  const own = path.join(ROOT, '.venv', 'bin', 'python3');
  return process.env.FLUORITE_PYTHON ?? (fs.existsSync(own) ? own : 'python3');
}

/** @param {string} program @param {string} code @returns {string} what the code prints */
function askPython(program, code) {
  return execFileSync(program, ['-I', '-c', code], { encoding: 'utf8' }).trim();
}

function machine() {
  const processors = os.cpus();
  return {
    processor: processors[0].model.trim(),
    cores: processors.length,
    memory_gib: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    python: askPython(pythonProgram(), 'import platform; print(platform.python_version())'),
    load_average: os.loadavg().map((load) => Number(load.toFixed(2))),
    date: new Date().toISOString(),
  };
}

/** @param {number[]} values @param {number} share 0 to 1 */
function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** @param {string} text */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else process.stderr.write(`${text}\n`);
}

/** @param {string} name @returns {(done: number, total: number) => void} tells how far it is, now and then */
function counter(name) {
  const started = performance.now();
  let shownAt = 0;
  return (done, total) => {
    const now = performance.now();
    if (done < total && now - shownAt < NOTE_EVERY_MS) return;
    shownAt = now;
    const seconds = (now - started) / 1000;
    const left = done > 0 ? `, ${Math.round((seconds / done) * (total - done))} s left` : '';
    progress(`${name}: ${done} of ${total}, ${Math.round(seconds)} s${left}`);
  };
}

/** @param {Cell} cell */
function shown(cell) {
  if (typeof cell !== 'number') return cell ?? '';
  if (Number.isInteger(cell)) return cell.toLocaleString('en-US');
  return cell.toLocaleString('en-US', { maximumFractionDigits: Math.abs(cell) < 10 ? 2 : 1 });
}

/** @param {string} title @param {string[]} columns @param {Cell[][]} rows */
function printTable(title, columns, rows) {
  const cells = [columns, ...rows.map((row) => row.map(shown))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const isNumber = columns.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const lines = cells.map((row) =>
    row.map((cell, column) =>
      isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
    ),
  );
  lines.splice(
    1,
    0,
    widths.map((width) => '-'.repeat(width)),
  );
  process.stdout.write(`\n${title}\n${lines.map((line) => line.join('  ').trimEnd()).join('\n')}\n`);
}

/**
 * Prints the machine and keeps the figures as benchmarks/results/<name>.json.
 * @param {string} name
 * @param {Record<string, unknown>} figures
 */
function saveResults(name, figures) {
  if (process.stderr.isTTY) progress('');
  const where = machine();
  const file = path.join(__dirname, 'results', `${name}.json`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify({ machine: where, ...figures }, null, 2)}\n`);
  const { processor, cores, memory_gib, node, python, load_average, date } = where;
  process.stdout.write(
    `\n${processor}, ${cores} cores, ${memory_gib} GiB; Node ${node}, Python ${python}; ${date}; ` +
      `load ${load_average.join(' ')}\n${path.relative(process.cwd(), file)}\n`,
  );
}

/**
 * Runs `work` with a folder that is removed afterwards.
 * @template T
 * @param {(folder: string) => Promise<T>} work
 */
async function withTemporaryFolder(work) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-benchmark-'));
  try {
    return await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = {
  ROOT,
  askPython,
  counter,
  existing,
  printTable,
  progress,
  pythonProgram,
  quantile,
  readOptions,
  refuse,
  saveResults,
  withTemporaryFolder,
};
