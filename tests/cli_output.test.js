// @ts-check
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { MAIN, SPIKES, runCli } = require('./cli_support.js');
const { temporaryFolder } = require('./support.js');

const ESCAPE = '\u001b';

/** @param {string} text */
const hasEscapes = (text) => text.includes(ESCAPE);

/** A memory of the example templates, made by words alone. @type {string} */
let memory;
/** @type {string} */
let folder;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-test-'));
  memory = path.join(folder, 'memory');
  const learned = await runCli(['learn', SPIKES, '--no-model', '--memory', memory]);
  assert.equal(learned.code, 0, learned.stderr);
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** @param {string[]} args @param {Parameters<typeof runCli>[1]} [options] */
const inMemory = (args, options) => runCli([...args, '--memory', memory], options);

test('an error of the engine keeps its message, which a Japanese frame explains', async () => {
  const args = ['search', 'x', '--limit', '0', '--no-model'];
  const [en, ja, json] = await Promise.all([
    inMemory(args),
    inMemory(args, { env: { LANG: 'ja_JP.UTF-8' } }),
    inMemory([...args, '--json']),
  ]);
  assert.deepEqual([en.code, ja.code, json.code], [1, 1, 1]);
  assert.match(en.stderr, /^Error: limit .* from 1 to/);
  const [, message] = /** @type {RegExpMatchArray} */ (en.stderr.match(/^Error: (.*)\n/));
  assert.ok(ja.stderr.startsWith('エラー: 値の型'));
  assert.ok(ja.stderr.includes(message) && ja.stderr.includes('対処: '));
  assert.deepEqual(JSON.parse(json.stderr), { error: { code: 'INVALID_ARGUMENT', message } });
});

test('a terminal gets colours, a pipe and NO_COLOR get none', async () => {
  const args = ['search', 'JWT', '--no-model', '-n', '1'];
  const [terminal, noColor, option, forced] = await Promise.all([
    inMemory(args, { terminal: true }),
    inMemory(args, { terminal: true, env: { NO_COLOR: '1' } }),
    inMemory([...args, '--no-color'], { terminal: true }),
    inMemory(args, { env: { FORCE_COLOR: '1' } }),
  ]);
  assert.match(terminal.stdout.replaceAll(ESCAPE, '␛'), /␛\[4m␛\[33mJWT␛/i);
  assert.ok(hasEscapes(forced.stdout));
  for (const { code, stdout } of [noColor, option]) {
    assert.equal(code, 0);
    assert.match(stdout, /jwt/i);
    assert.equal(hasEscapes(stdout), false);
  }
});

test('a terminal gets a bar with the time left, a pipe gets plain lines, --quiet nothing', async (context) => {
  const place = temporaryFolder(context);
  const learn = (/** @type {string} */ name) => ['learn', SPIKES, '--memory', path.join(place, name)];
  const terminal = await runCli(learn('terminal'), { terminal: true });
  assert.match(
    terminal.stdout.replaceAll(ESCAPE, '␛'),
    /\r␛\[KEmbedding: \[#+\.+\] \d+ of 303, about .* s left/,
  );
  const pipe = await runCli(learn('pipe'));
  assert.match(pipe.stderr, /^Embedding: 303 of 303 \(.* s\)$/m);
  assert.equal(hasEscapes(pipe.stderr + pipe.stdout) || pipe.stderr.includes('\r'), false);
  const quiet = await runCli([...learn('pipe'), '--quiet']);
  assert.equal(quiet.stderr, '');
  assert.match(quiet.stdout, /68 unchanged/);
});

test('what is stored cannot command a terminal', async (context) => {
  const place = path.join(temporaryFolder(context), 'memory');
  const input = `${ESCAPE}]0;owned\u0007 retry ${ESCAPE}[2J\u202e`;
  await runCli(['store', `id${ESCAPE}[5m`, '--type', `t${ESCAPE}[8m`, '--memory', place], { input });
  for (const args of [
    ['search', 'retry', '--no-model'],
    ['show', `id${ESCAPE}[5m`],
  ]) {
    const { code, stdout } = await runCli([...args, '--memory', place], { terminal: true });
    assert.equal(code, 0, stdout);
    const others = stdout.replaceAll(ESCAPE, '␛').replace(/␛\[\d+m/g, '');
    assert.equal(
      ['␛', '\u0007', '\u202e'].some((sign) => others.includes(sign)),
      false,
      others,
    );
  }
});

test('an interruption ends a run in order with exit code 130, and keeps what was stored', async (context) => {
  const place = path.join(temporaryFolder(context), 'memory');
  let sent = false;
  const { code, stdout, stderr } = await runCli(['learn', SPIKES, '--memory', place], {
    onStderr: (text, child) => {
      if (!sent && text.includes('Embedding')) child.kill('SIGINT');
      sent ||= text.includes('Embedding');
    },
  });
  assert.equal(code, 130, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /Interrupted\. What was stored before stays stored\./);
  const stats = await runCli(['stats', '--json', '--memory', place]);
  assert.equal(JSON.parse(stats.stdout).chunks, 303);
});

test('a reader that has seen enough is no failure', async () => {
  const search = ['search', 'api', '--no-model', '--no-fold', '--json', '-n', '300'];
  const child = spawn(process.execPath, [MAIN, ...search, '--memory', memory]);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.doesNotMatch(stderr, /EPIPE|Error/);
  assert.equal(code, 0);
});
