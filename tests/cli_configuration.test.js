// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { runCli } = require('./cli_support.js');
const { temporaryFolder } = require('./support.js');

/**
 * A memory of one chunk, made by the command line.
 * @param {any} context
 * @param {string} [id]
 */
async function smallMemory(context, id = 'backoff') {
  const memory = path.join(temporaryFolder(context), 'memory');
  const { code, stderr } = await runCli(['store', id, '--memory', memory], { input: 'retry a failed job' });
  assert.equal(code, 0, stderr);
  return memory;
}

test('config shows each value with where it came from, and config init writes a file of comments', async (context) => {
  const folder = temporaryFolder(context);
  const init = await runCli(['config', 'init'], { cwd: folder });
  assert.equal(init.code, 0, init.stderr);
  const file = path.join(folder, 'fluorite.toml');
  assert.match(fs.readFileSync(file, 'utf8'), /^# *cache_size_mb = 512$/m);
  const again = await runCli(['config', 'init'], { cwd: folder });
  assert.equal(again.code, 1);
  assert.match(again.stderr, /fluorite\.toml is there already.*--force/);
  fs.writeFileSync(file, '[memory]\ncache_size_mb = 64\n');
  const env = { FLUORITE_BATCH_SIZE: '8' };
  const shown = await runCli(['config', '--memory', folder], { cwd: folder, env });
  assert.match(shown.stdout, /^key +value +unit +from\n/);
  assert.match(shown.stdout, /^memory\.cache_size_mb +64 +MiB +.*fluorite\.toml:2$/m);
  assert.match(shown.stdout, /^learning\.batch_size +8 +texts +FLUORITE_BATCH_SIZE$/m);
  assert.match(shown.stdout, /^ml\.precision +int8 +default$/m);
  const json = await runCli(['config', '--json'], { cwd: folder });
  const size = JSON.parse(json.stdout).find((/** @type {any} */ one) => one.key === 'memory.cache_size_mb');
  assert.deepEqual([size.value, size.origin], [64, 'file']);
});

test('a configured memory is used, and a wrong file is an error that names the line', async (context) => {
  const folder = temporaryFolder(context);
  fs.writeFileSync(path.join(folder, 'fluorite.toml'), "[memory]\nmemory_path = 'here'\n");
  const stored = await runCli(['store', 'one'], { cwd: folder, input: 'x' });
  assert.equal(stored.code, 0, stored.stderr);
  assert.ok(fs.existsSync(path.join(folder, 'here', 'chunks')));
  fs.writeFileSync(path.join(folder, 'fluorite.toml'), '[memory]\ncache_size = 3\n');
  const wrong = await runCli(['stats', '--lang', 'ja'], { cwd: folder });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^エラー: 設定ファイルに誤りがあります。\n.*fluorite\.toml.*cache_size_mb/);
});

test('history lists the searches of this user, --no-history keeps none, --clear removes them', async (context) => {
  const memory = await smallMemory(context);
  const env = { FLUORITE_STATE_DIR: temporaryFolder(context) };
  const search = ['search', 'failed', '--no-model', '--memory', memory];
  await runCli(search, { env });
  await runCli(['search', 'job', '--no-model', '--no-history', '--memory', memory], { env });
  const shown = await runCli(['history', '--memory', memory], { env });
  assert.match(shown.stdout, /^.* 1 hits .* failed\n$/);
  const cleared = await runCli(['history', '--clear', '--json', '--memory', memory], { env });
  assert.deepEqual(JSON.parse(cleared.stdout), { cleared: 1 });
  const empty = await runCli(['history', '--memory', memory], { env });
  assert.deepEqual([empty.code, empty.stdout], [0, '']);
  assert.match(empty.stderr, /No searches are kept/);
});

test('stats --prometheus prints the metrics in its text format', async (context) => {
  const memory = await smallMemory(context);
  const { code, stdout } = await runCli(['stats', '--prometheus', '--memory', memory]);
  assert.equal(code, 0);
  assert.match(stdout, /^# TYPE fluorite_chunks gauge\nfluorite_chunks 1\.0$/m);
});
