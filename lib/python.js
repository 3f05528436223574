// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { FluoriteError } = require('./errors.js');

const run = promisify(execFile);

const OLDEST = [3, 11];
const PROBE_TIMEOUT_MS = 20_000;
const DESCRIPTION = 'fluorite-python.json';

/**
 * What lib/probe.py prints of an interpreter.
 * @typedef {object} Interpreter
 * @property {1} format
 * @property {string} program
 * @property {string | null} library
 * @property {[number, number, number]} version
 * @property {boolean} free_threaded
 * @property {string} implementation
 * @property {number} executable_mtime_ms
 * @property {number | null} pyvenv_cfg_mtime_ms
 */

const root = path.dirname(__dirname);
const setup = `npm run setup --prefix ${root}`;

/**
 * The interpreter to embed: the `python` option, else FLUORITE_PYTHON, else the package's own
 * environment, else python3 on the PATH. Rejects with what was found, what is required and what to run.
 * @param {string | undefined} option
 * @returns {Promise<{library: string, program: string}>}
 */
async function findPython(option) {
  const own = path.join(root, '.venv', 'bin', 'python3');
  const named = option ?? process.env.FLUORITE_PYTHON;
  const program = named ?? (fs.existsSync(own) ? own : onPath('python3'));
  if (program === undefined) {
    throw new FluoriteError(
      'PYTHON_NOT_FOUND',
      `Found no Python: neither ${own} nor python3 on the PATH. Required: CPython 3.11 or newer. Run: ${setup}`,
    );
  }
  return checked(described(program) ?? (await probed(program, named !== undefined)));
}

/**
 * The description that set-up left in the environment, if it still describes the interpreter.
 * @param {string} program
 * @returns {Interpreter | undefined}
 */
function described(program) {
  const environment = path.dirname(path.dirname(program));
  try {
    /** @type {Interpreter} */
    const found = JSON.parse(fs.readFileSync(path.join(environment, DESCRIPTION), 'utf8'));
    const fresh =
      found.format === 1 &&
      path.resolve(program) === found.program &&
      modifiedMs(program) === found.executable_mtime_ms &&
      modifiedMs(path.join(environment, 'pyvenv.cfg')) === found.pyvenv_cfg_mtime_ms;
    return fresh ? found : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} program
 * @param {boolean} named
 * @returns {Promise<Interpreter>}
 */
async function probed(program, named) {
  const found = program.includes(path.sep) ? program : (onPath(program) ?? program);
  try {
    const probe = path.join(__dirname, 'probe.py');
    const { stdout } = await run(found, ['-I', '-S', probe], { timeout: PROBE_TIMEOUT_MS });
    return JSON.parse(stdout);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : cause;
    throw new FluoriteError(
      'PYTHON_NOT_FOUND',
      `${found} is not a working CPython 3.11 or newer (${reason}). ` +
        (named ? 'Correct the python option or FLUORITE_PYTHON, or leave both out and run: ' : 'Run: ') +
        setup,
      { cause },
    );
  }
}

/**
 * @param {Interpreter} found
 * @returns {{library: string, program: string}}
 */
function checked({ program, library, version, free_threaded, implementation }) {
  const label = `${implementation === 'cpython' ? 'CPython' : implementation} ${version.join('.')} (${program})`;
  const old = version[0] < OLDEST[0] || (version[0] === OLDEST[0] && version[1] < OLDEST[1]);
  if (old || implementation !== 'cpython' || free_threaded) {
    throw new FluoriteError(
      'PYTHON_UNSUPPORTED',
      `Found ${label}${free_threaded ? ', a free-threaded build' : ''}. ` +
        `Required: CPython 3.11 or newer with the GIL. Install one and run: ${setup}`,
    );
  }
  if (library === null || !fs.existsSync(library)) {
    throw new FluoriteError(
      'LIBPYTHON_NOT_FOUND',
      `${label} has no shared library${library === null ? '' : ` (${library} is missing)`}. Required: a build ` +
        'with --enable-shared (on Debian and Ubuntu the package libpython3-dev brings it; with pyenv: ' +
        `PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install 3.12). Then run: ${setup}`,
    );
  }
  return { library, program };
}

/** @param {string} file */
function modifiedMs(file) {
  try {
    return Number(fs.statSync(file, { bigint: true }).mtimeNs / 1_000_000n);
  } catch {
    return null;
  }
}

/** @param {string} name */
function onPath(name) {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => fs.existsSync(file));
}

module.exports = { findPython };
