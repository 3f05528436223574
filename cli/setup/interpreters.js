// @ts-check
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Failure } = require('../failure.js');
const { say } = require('../language.js');

const MINIMUM_PYTHON = [3, 11];
const PROBE = path.join(__dirname, '..', '..', 'lib', 'probe.py');

/**
 * What lib/probe.py prints.
 * @typedef {{format: number, program: string, implementation: string, version: number[], free_threaded: boolean,
 *   library: string | null, venv: boolean, executable_mtime_ms: number, pyvenv_cfg_mtime_ms: number | null}} Interpreter
 */

/**
 * @param {string} program path or name on PATH
 * @returns {Interpreter | null} null when it does not run or is too old to answer
 */
function probe(program) {
  const result = spawnSync(program, ['-I', '-S', PROBE], { encoding: 'utf8', timeout: 20_000 });
  try {
    return JSON.parse(result.stdout);
  } catch {
    return null;
  }
}

/**
 * @param {Interpreter | null} interpreter
 * @returns {string | null} why it cannot serve, null when it can
 */
function objection(interpreter) {
  if (!interpreter) return say('interpreter.silent');
  const { implementation, version, free_threaded, library, venv } = interpreter;
  const name = `${implementation} ${version.join('.')}`;
  if (implementation !== 'cpython') return say('interpreter.not_cpython', { name });
  if (version[0] !== MINIMUM_PYTHON[0] || version[1] < MINIMUM_PYTHON[1])
    return say('interpreter.too_old', { name });
  if (free_threaded) return say('interpreter.free_threaded', { name });
  if (!library) return say('interpreter.no_library', { name });
  if (!venv) return say('interpreter.no_venv', { name });
  return null;
}

/** @param {string} name */
function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    if (folder && fs.existsSync(file)) return file;
  }
  return null;
}

/**
 * Programs worth probing, the likeliest first.
 * @returns {string[]}
 */
function candidates() {
  const names = ['python3', 'python3.12', 'python3.13', 'python3.11', 'python3.14'];
  const pyenv = path.join(process.env.PYENV_ROOT ?? path.join(os.homedir(), '.pyenv'), 'versions');
  const installed = fs.existsSync(pyenv) ? fs.readdirSync(pyenv).sort() : [];
  const programs = [
    ...names.map(onPath),
    ...installed.map((version) => path.join(pyenv, version, 'bin', 'python3')),
  ];
  return [...new Set(programs.filter((program) => program !== null && fs.existsSync(program)))].map(String);
}

/** @param {string[]} found */
function noInterpreter(found) {
  const install =
    process.platform === 'darwin'
      ? 'brew install python@3.12'
      : 'sudo apt install python3 python3-venv libpython3-dev   (or: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install 3.12)';
  return new Failure(
    say('interpreter.none', {
      found: found.join('\n            ') || say('interpreter.none_on_path'),
      version: MINIMUM_PYTHON.join('.'),
      install,
    }),
  );
}

/**
 * Suitable interpreters among `programs`, in their order, each version (3.x) once; probes lazily.
 * @param {string[]} [programs]
 * @returns {Generator<Interpreter, void, void>} throws a Failure when there is none
 */
function* suitableInterpreters(programs = candidates()) {
  /** @type {string[]} */
  const rejected = [];
  const seen = new Set();
  for (const program of programs) {
    const interpreter = probe(program);
    const reason = objection(interpreter);
    if (reason) rejected.push(`${program}: ${reason}`);
    const minor = interpreter?.version[1];
    if (reason || !interpreter || seen.has(minor)) continue;
    seen.add(minor);
    yield interpreter;
  }
  if (seen.size === 0) throw noInterpreter(rejected);
}

module.exports = { MINIMUM_PYTHON, candidates, objection, onPath, probe, suitableInterpreters };
