// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { SPIKES, runCli } = require('./cli_support.js');
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

test('what is exported can be imported, and a damaged line is named with exit code 4', async (context) => {
  const memory = await smallMemory(context);
  const folder = path.join(path.dirname(memory), 'learning-chunks');
  const exported = await runCli(['export', folder, '--memory', memory]);
  assert.equal(exported.code, 0, exported.stderr);
  assert.match(exported.stdout, /^1 chunks in 1 files/);
  const other = path.join(temporaryFolder(context), 'memory');
  const args = ['import', folder, '--source', 'team', '--trust', '0.8', '--memory', other];
  const imported = await runCli([...args, '--json']);
  assert.equal(imported.code, 0, imported.stderr);
  const { source, trust, imported: count } = JSON.parse(imported.stdout);
  assert.deepEqual([source, trust, count], ['team', 0.8, 1]);
  const again = await runCli(args);
  assert.match(again.stdout, /^From team, trusted 0\.8\n {2}0 imported · 0 replaced · 1 unchanged/);
  const [name] = fs.readdirSync(folder).filter((file) => file.endsWith('.jsonl'));
  fs.appendFileSync(path.join(folder, name), '{oops\n');
  const damaged = await runCli([...args, '--lang', 'ja']);
  assert.equal(damaged.code, 4);
  assert.ok(damaged.stdout.includes(name));
  assert.match(damaged.stderr, /取り込めませんでした/);
});

test('a backup can be opened as a memory, and refuses a folder that is not empty', async (context) => {
  const memory = await smallMemory(context);
  const copy = path.join(temporaryFolder(context), 'copy');
  const made = await runCli(['backup', copy, '--memory', memory]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^1 chunks, /);
  const shown = await runCli(['show', 'backoff', '--content', '--memory', copy]);
  assert.equal(shown.stdout, 'retry a failed job');
  const again = await runCli(['backup', copy, '--memory', memory]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /not an empty folder/);
});

test('compact tells the size before and after', async (context) => {
  const memory = await smallMemory(context);
  const { code, stdout } = await runCli(['compact', '--json', '--memory', memory]);
  assert.equal(code, 0);
  const { before_bytes, after_bytes } = JSON.parse(stdout);
  assert.ok(before_bytes >= after_bytes && after_bytes > 0);
});

test('learn --watch learns each change until it is interrupted', async (context) => {
  const folder = temporaryFolder(context);
  const name = 'hono-jwt-auth-api.json';
  fs.copyFileSync(path.join(SPIKES, name), path.join(folder, name));
  const memory = path.join(temporaryFolder(context), 'memory');
  const other = path.join(SPIKES, 'hono-rate-limit-middleware.json');
  const { code, stdout, stderr } = await runCli(['learn', folder, '--watch', '--json', '--memory', memory], {
    onStdout: (_text, child, all) => {
      const reports = all.split('\n').length - 1;
      if (reports === 1) fs.copyFileSync(other, path.join(folder, 'other.json'));
      if (reports === 2) child.kill('SIGINT');
    },
  });
  assert.equal(code, 0, stderr);
  const reports = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).report);
  assert.deepEqual(
    reports.map((report) => [report.new, report.unchanged]),
    [
      [1, 0],
      [1, 1],
    ],
  );
  const documents = await runCli(['learn', path.dirname(memory), '--watch', '--as', 'documents']);
  assert.equal(documents.code, 2);
});

test('verify names what is damaged with exit code 4, and repair mends it', async (context) => {
  const memory = await smallMemory(context, 'kept');
  const sound = await runCli(['verify', '--memory', memory]);
  assert.deepEqual([sound.code, sound.stderr], [0, '']);
  assert.match(sound.stdout, /^1 chunks and \d+ vectors checked/);
  const file = path.join(memory, 'chunks', 'data.mdb');
  const bytes = fs.readFileSync(file);
  const place = bytes.indexOf('retry a failed job');
  assert.ok(place > 0);
  bytes.fill(0xff, place - 40, place);
  fs.writeFileSync(file, bytes);
  const damaged = await runCli(['verify', '--json', '--memory', memory]);
  assert.equal(damaged.code, 4, damaged.stderr);
  const { ok, problems } = JSON.parse(damaged.stdout);
  assert.equal(ok, false);
  assert.ok(problems.length > 0);
  const repaired = await runCli(['repair', '--memory', memory, '--lang', 'ja']);
  assert.equal(repaired.code, 4, repaired.stderr);
  assert.match(repaired.stdout, /失われたもの {2}kept/);
  assert.equal((await runCli(['verify', '--memory', memory])).code, 0);
});
