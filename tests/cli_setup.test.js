// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { ROOT, runCli } = require('./cli_support.js');
const { temporaryFolder } = require('./support.js');

test('doctor finds everything in order, line by line, with exit code 0', async (context) => {
  const memory = path.join(temporaryFolder(context), 'memory');
  await runCli(['store', 'a', '--memory', memory], { input: 'retry a failed job' });
  const [plain, json, quiet] = await Promise.all([
    runCli(['doctor', '--memory', memory]),
    runCli(['doctor', '--memory', memory, '--json']),
    runCli(['doctor', '--memory', memory, '--quiet']),
  ]);
  assert.equal(plain.code, 0, plain.stdout + plain.stderr);
  assert.match(plain.stdout, /^ok +Node\.js +Node\.js \d+\.\d+\.\d+\nok +addon /);
  assert.match(plain.stdout, /^ok +store +1 chunks/m);
  assert.match(plain.stderr, /Everything is in order/);
  const { ok, checks } = JSON.parse(json.stdout);
  assert.equal(ok, true);
  const names = 'node addon python libpython packages permissions disk model store index';
  assert.equal(checks.map((/** @type {any} */ check) => check.name).join(' '), names);
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, '', '']);
});

test('doctor says before the first learning that there is no memory yet', async (context) => {
  const data = temporaryFolder(context);
  const { code, stdout } = await runCli(['doctor', '--memory', path.join(data, 'memory')]);
  assert.equal(code, 0);
  assert.match(stdout, /store +no memory at .* yet/);
  assert.deepEqual(fs.readdirSync(data), []);
});

test('doctor tells a problem and the command that mends it, with exit code 4', async (context) => {
  const memory = temporaryFolder(context);
  const env = { FLUORITE_PYTHON: path.join(memory, 'python3') };
  const [plain, japanese, json] = await Promise.all([
    runCli(['doctor', '--memory', memory], { env }),
    runCli(['doctor', '--memory', memory], { env: { ...env, LANG: 'ja_JP.UTF-8' } }),
    runCli(['doctor', '--memory', memory, '--json'], { env }),
  ]);
  assert.deepEqual([plain.code, japanese.code, json.code], [4, 4, 4]);
  assert.match(
    plain.stdout,
    /^problem {2}Python .*does not run.*\n {4}remedy: unset FLUORITE_PYTHON; \S+ setup/m,
  );
  assert.match(plain.stdout, /^skipped {2}libpython +not checked, because of: Python/m);
  assert.match(japanese.stdout, /^問題 {2}Python .*\n {4}対処: /m);
  const { ok, checks } = JSON.parse(json.stdout);
  assert.equal(ok, false);
  const { state, remedy } = checks.find((/** @type {any} */ check) => check.name === 'python');
  assert.deepEqual([state, remedy], ['problem', 'unset FLUORITE_PYTHON; fluorite-memory setup']);
});

test('doctor reports a store that cannot be opened', async (context) => {
  const memory = path.join(temporaryFolder(context), 'memory');
  await runCli(['store', 'a', '--memory', memory], { input: 'x' });
  fs.writeFileSync(path.join(memory, 'chunks', 'data.mdb'), 'this is no database'.repeat(1000));
  const { code, stdout } = await runCli(['doctor', '--memory', memory]);
  assert.equal(code, 4, stdout);
  assert.match(stdout, /^problem +store +\S/m);
  assert.match(stdout, /^skipped +index/m);
});

test('setup --dry-run tells what is ready and changes nothing', async () => {
  const { code, stdout, stderr } = await runCli(['setup', '--dry-run', '--quiet', '--lang', 'ja']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Node パッケージ: 最新\nネイティブアドオン: 最新\n/);
  assert.equal(stderr, '');
});

test('setup without network or wheels says how to fill a folder of wheels', async (context) => {
  const folder = temporaryFolder(context);
  const venv = path.join(folder, 'venv');
  const { code, stderr } = await runCli(
    ['setup', '--dry-run', '--quiet', '--offline', '--wheels', folder, '--venv', venv],
    { env: { PIP_CONFIG_FILE: '/dev/null', PIP_FIND_LINKS: '' } },
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    /could not be installed without a network[\s\S]*\nERROR: [\s\S]*docs\/getting-started\.md[\s\S]*--wheels DIR/,
  );
  assert.equal(fs.existsSync(venv), false);
});

test('setup refuses a folder that is not its own', async (context) => {
  const venv = temporaryFolder(context);
  fs.writeFileSync(path.join(venv, 'precious'), 'x');
  const { code, stderr } = await runCli(['setup', '--serve-only', '--venv', venv], {
    env: { LANG: 'ja_JP.UTF-8' },
  });
  assert.equal(code, 1);
  assert.match(stderr, /エラー: .* はすでにあり/);
  assert.deepEqual(fs.readdirSync(venv), ['precious']);
});

test('the package brings its command line', () => {
  const { bin, files } = require('../package.json');
  assert.deepEqual(Object.keys(bin), ['fluorite-memory']);
  const main = path.join(ROOT, bin['fluorite-memory']);
  assert.match(fs.readFileSync(main, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  assert.ok(fs.statSync(main).mode & 0o111);
  assert.ok(files.includes('cli/'));
});
