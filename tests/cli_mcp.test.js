// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { MAIN, runCli } = require('./cli_support.js');
const { temporaryFolder } = require('./support.js');

/** @param {any} context */
function homeWithCursor(context) {
  const home = temporaryFolder(context);
  fs.mkdirSync(path.join(home, '.cursor'));
  return { home, file: path.join(home, '.cursor', 'mcp.json'), env: { HOME: home } };
}

test('mcp install shows the change, writes it with --yes, and is up to date afterwards', async (context) => {
  const { file, env } = homeWithCursor(context);
  fs.writeFileSync(file, '{\n  // mine\n  "mcpServers": { "other": { "command": "x" } }\n}\n');
  const shown = await runCli(['mcp', 'install'], { env });
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^Cursor .*mcp\.json\n {2}--- [\s\S]*\n {2}\+.*"fluorite-memory"/);
  assert.match(shown.stdout, /Nothing was written/);
  assert.doesNotMatch(fs.readFileSync(file, 'utf8'), /fluorite/);
  const written = await runCli(['mcp', 'install', 'cursor', '--yes', '--lang', 'ja'], { env });
  assert.equal(written.code, 0, written.stderr);
  assert.match(written.stdout, /書き込みました。\n {2}元のファイル: .*backup/);
  const text = fs.readFileSync(file, 'utf8');
  assert.match(text, /\/\/ mine/);
  assert.match(text, /"other"/);
  assert.ok(text.includes(JSON.stringify(MAIN)));
  const again = await runCli(['mcp', 'install', '--json'], { env });
  const { written: wrote, clients } = JSON.parse(again.stdout);
  assert.deepEqual([wrote, clients[0].changed], [false, false]);
});

test('mcp install asks at a terminal', async (context) => {
  const { file, env } = homeWithCursor(context);
  const { code, stdout } = await runCli(['mcp', 'install', 'cursor'], { env, terminal: true, input: 'y\n' });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /Write this\? \[y\/N\]/);
  assert.match(fs.readFileSync(file, 'utf8'), /fluorite-memory/);
});

test('the entry that mcp prints starts a server that keeps standard output to the protocol', async (context) => {
  const memory = path.join(temporaryFolder(context), 'memory');
  const printed = await runCli(['mcp', 'entry', '--memory', memory]);
  const { command, args } = JSON.parse(printed.stdout);
  assert.equal(command, process.execPath);
  assert.deepEqual(args, [MAIN, 'serve', '--mcp', '--memory', memory]);
  const messages = [
    {
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'show_stats', arguments: {} } },
  ];
  const input = messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join('');
  const { code, stdout, stderr } = await runCli(args.slice(1), {
    input,
    open: true,
    onStdout: (_text, child, all) => all.includes('"id":2') && child.stdin?.end(),
  });
  assert.equal(code, 0, stderr);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(answers.find(({ id }) => id === 1).result.serverInfo.name, 'fluorite-memory');
  const { isError, structuredContent } = answers.find(({ id }) => id === 2).result;
  assert.equal(isError ?? false, false);
  assert.equal(structuredContent.chunks, 0);
});

test('serve without a protocol is wrong usage', async () => {
  const { code, stderr } = await runCli(['serve']);
  assert.equal(code, 2);
  assert.match(stderr, /serve --mcp/);
});
