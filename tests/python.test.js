// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { FluoriteBridge } = require('fluorite-memory-engine');
const { openBridge, run, runChild, temporaryFolder } = require('./support.js');

/**
 * @param {string} folder
 * @param {string} script
 */
function fakePython(folder, script) {
  const file = path.join(folder, 'python3');
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

/** @param {Record<string, unknown>} changes */
function description(changes) {
  const usual = { format: 1, program: '/usr/bin/python3', implementation: 'cpython', version: [3, 12, 1] };
  return `echo '${JSON.stringify({ ...usual, free_threaded: false, library: null, ...changes })}'`;
}

/** @type {[string, (folder: string) => string, string, RegExp][]} */
const cases = [
  ['that is not there', () => '/no/such/python3', 'PYTHON_NOT_FOUND', /\/no\/such\/python3.*npm run setup/],
  [
    'that is no Python',
    (folder) => fakePython(folder, 'echo hello'),
    'PYTHON_NOT_FOUND',
    /not a working CPython/,
  ],
  ['that fails', (folder) => fakePython(folder, 'exit 3'), 'PYTHON_NOT_FOUND', /3\.11 or newer/],
  [
    'that is too old',
    (folder) => fakePython(folder, description({ version: [3, 10, 4] })),
    'PYTHON_UNSUPPORTED',
    /Found CPython 3\.10\.4.*Required: CPython 3\.11 or newer.*npm run setup/,
  ],
  [
    'that is free-threaded',
    (folder) => fakePython(folder, description({ version: [3, 13, 0], free_threaded: true })),
    'PYTHON_UNSUPPORTED',
    /free-threaded build.*with the GIL/,
  ],
  [
    'that is not CPython',
    (folder) => fakePython(folder, description({ implementation: 'pypy' })),
    'PYTHON_UNSUPPORTED',
    /Found pypy/,
  ],
  [
    'without a shared library',
    (folder) => fakePython(folder, description({})),
    'LIBPYTHON_NOT_FOUND',
    /no shared library.*--enable-shared.*npm run setup/s,
  ],
  [
    'whose library is no library',
    (folder) => fakePython(folder, description({ library: __filename, program: '/elsewhere/python3' })),
    'PYTHON_CONFLICT|LIBPYTHON_NOT_FOUND',
    /python/i,
  ],
];

test('an interpreter that cannot serve is named, with what is required and what to run', async (t) => {
  for (const [name, make, code, message] of cases) {
    await t.test(`an interpreter ${name}`, async (t) => {
      const folder = temporaryFolder(t);
      const options = { memory_path: path.join(folder, 'memory'), python: make(folder) };
      await assert.rejects(new FluoriteBridge().initialize(options), (/** @type {any} */ error) => {
        assert.match(error.code, new RegExp(`^(${code})$`), error.message);
        assert.match(error.message, message);
        return true;
      });
    });
  }
  const bridge = await openBridge(t);
  assert.equal(await bridge.storeChunk({ id: 'a', content: 'still works' }), 'a');
});

const ownPython = path.join(__dirname, '..', '.venv', 'bin', 'python3');
const needsOwn = fs.existsSync(ownPython) ? false : 'needs the environment that set-up makes';

test('an environment without the packages is named, with the package and what to run', {
  skip: needsOwn,
}, async (t) => {
  const folder = temporaryFolder(t);
  const bare = path.join(folder, 'bare');
  await run(ownPython, ['-m', 'venv', '--without-pip', bare]);
  const child = await runChild('fails.js', [path.join(folder, 'memory'), path.join(bare, 'bin', 'python3')]);
  assert.equal(child.code, 0, child.stderr);
  const { code, message } = JSON.parse(child.stdout);
  assert.equal(code, 'PYTHON_PACKAGE_MISSING');
  assert.match(message, /package 'msgpack' is missing from .*bare \(Python 3\.\d+\.\d+\).*npm run setup/);
});

test('a second interpreter in one process is refused, and the first goes on', {
  skip: needsOwn,
}, async (t) => {
  const folder = temporaryFolder(t);
  const other = path.join(folder, 'other');
  await run(ownPython, ['-m', 'venv', '--without-pip', other]);
  const bridge = await openBridge(t);
  const python = path.join(other, 'bin', 'python3');
  const second = new FluoriteBridge().initialize({ memory_path: path.join(folder, 'memory'), python });
  await assert.rejects(second, { code: 'PYTHON_CONFLICT' });
  assert.equal(await bridge.storeChunk({ id: 'a', content: 'x' }), 'a');
});
