// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { parse: parseToml } = require('smol-toml');
const { MAIN, runCli } = require('./cli_support.js');
const { childEnvironment, connectTo, temporaryFolder: mcpFolder } = require('./mcp_support.js');
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
  const shown = await runCli(['mcp', 'install', '--dry-run'], { env });
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^Cursor .*mcp\.json\n {2}@@ [\s\S]*\n {2}\+.*"fluorite-memory"/);
  assert.match(shown.stdout, /Nothing was written/);
  const unasked = await runCli(['mcp', 'install'], { env });
  assert.equal(unasked.code, 2);
  assert.match(unasked.stderr, /nobody to ask.*--yes/);
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
  const install = (/** @type {string} */ answer) => {
    let asked = false;
    return runCli(['mcp', 'install', 'cursor'], {
      env,
      terminal: true,
      input: '',
      open: true,
      onStdout: (_text, child, all) => {
        if (!asked && all.includes('[y/N]')) child.stdin?.write(answer);
        asked ||= all.includes('[y/N]');
      },
    });
  };
  const no = await install('\n');
  assert.equal(no.code, 0, no.stdout);
  assert.match(no.stdout, /Write this\? \[y\/N\][\s\S]*Nothing was written\./);
  const stopped = await install('\u0003');
  assert.equal(stopped.code, 130, stopped.stdout);
  assert.equal(fs.existsSync(file), false);
  const yes = await install('はい\n');
  assert.equal(yes.code, 0, yes.stdout);
  assert.match(fs.readFileSync(file, 'utf8'), /fluorite-memory/);
});

test('a server started from the entry that mcp install writes answers from that memory', async (context) => {
  const home = mcpFolder(context);
  const memory = path.join(home, 'memory');
  const stored = await runCli(['store', 'backoff', '--memory', memory], { input: 'retry a failed job' });
  assert.equal(stored.code, 0, stored.stderr);
  const args = ['mcp', 'install', 'claude-code', 'codex', '--yes', '--memory', memory];
  const made = await runCli(args, { env: { HOME: home } });
  assert.equal(made.code, 0, made.stderr);
  const read = (/** @type {string[]} */ ...names) => fs.readFileSync(path.join(home, ...names), 'utf8');
  const servers = [
    JSON.parse(read('.claude.json')).mcpServers,
    /** @type {any} */ (parseToml(read('.codex', 'config.toml'))).mcp_servers,
  ];
  for (const { 'fluorite-memory': entry } of servers) {
    const env = { ...childEnvironment(), ...entry.env };
    const client = await connectTo(context, { command: entry.command, args: entry.args, env });
    const values = { name: 'search_patterns', arguments: { query: 'failed job' } };
    const { structuredContent } = /** @type {any} */ (await client.callTool(values));
    assert.deepEqual(
      structuredContent.hits.map((/** @type {any} */ hit) => hit.id),
      ['backoff'],
    );
  }
});

test('the entry names the memory and the file of the configuration, for a project only what is given', async (context) => {
  const home = temporaryFolder(context);
  const file = path.join(home, 'mine.toml');
  fs.writeFileSync(file, "[memory]\nmemory_path = 'here'\n");
  const written = async (/** @type {string[]} */ more) => {
    const args = ['mcp', 'install', 'gemini', '--yes', '--json', ...more];
    const { code, stdout, stderr } = await runCli(args, { env: { HOME: home }, cwd: home });
    assert.equal(code, 0, stderr);
    const [{ path: made }] = JSON.parse(stdout).clients;
    return JSON.parse(fs.readFileSync(made, 'utf8')).mcpServers['fluorite-memory'].args.slice(1);
  };
  const served = ['serve', '--mcp', '--memory', path.join(home, 'here')];
  assert.deepEqual(await written(['--config', 'mine.toml']), [...served, '--config', file]);
  fs.rmSync(path.join(home, '.gemini'), { recursive: true });
  fs.renameSync(file, path.join(home, 'fluorite.toml'));
  const printed = await runCli(['mcp', 'entry'], { env: { HOME: home }, cwd: home });
  assert.deepEqual(JSON.parse(printed.stdout).args.slice(1), served);
  assert.deepEqual(await written(['--project', '.']), ['serve', '--mcp']);
});

test('mcp list tells which assistants are found', async (context) => {
  const { env } = homeWithCursor(context);
  const { stdout } = await runCli(['mcp', 'list'], { env });
  assert.match(stdout, /^cursor +Cursor +found +.*\.cursor\/mcp\.json$/m);
  const all = JSON.parse((await runCli(['mcp', 'list', '--json'], { env })).stdout);
  assert.deepEqual(
    all.filter((/** @type {any} */ one) => one.found).map((/** @type {any} */ one) => one.client),
    ['cursor'],
  );
  const other = await runCli(['mcp', 'install', '--project', '.'], {
    env: { HOME: temporaryFolder(context) },
  });
  assert.equal(other.code, 1);
  assert.match(other.stderr, /Found no assistant/);
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
  const empty = await runCli(['serve', '--mcp', '--memory', '']);
  assert.deepEqual([empty.code, empty.stdout], [2, '']);
});
