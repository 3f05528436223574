// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { parse: parseJson } = require('jsonc-parser');
const { parse: parseToml } = require('smol-toml');
const { assistants, install, serverEntry } = require('../mcp/install.js');
const { temporaryFolder } = require('./support.js');

const page = fs.readFileSync(path.join(__dirname, '..', 'docs', 'mcp.md'), 'utf8');
const SERVED = ['serve', '--mcp', '--memory'];

/** @param {any} t */
function home(t) {
  const folder = temporaryFolder(t);
  /** @param {string} platform @param {Record<string, string>} [environment] */
  const place = (platform, environment = {}) => ({ home: folder, platform, environment });
  return { folder, place };
}

/** @param {string} file @param {string} text */
function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

/** @param {any} entry */
function assertServes(entry) {
  assert.equal(entry.command, process.execPath);
  assert.equal(path.basename(entry.args[0]), 'main.js');
  assert.deepEqual(entry.args.slice(1, 4), SERVED);
  assert.ok(path.isAbsolute(entry.args[0]) && path.isAbsolute(entry.args[4]));
}

test('each assistant gets its own form, where its documentation says, on Linux and macOS', async (t) => {
  for (const [platform, applications] of [
    ['linux', '.config'],
    ['darwin', 'Library/Application Support'],
  ]) {
    const { folder, place } = home(t);
    const given = { memory_path: 'memory', place: place(platform) };
    const clients = (await assistants(place(platform))).map((one) => one.client);
    for (const client of clients) assert.ok(page.includes(`\`${client}\``), client);
    const installed = await install({ ...given, clients });
    assert.ok(installed.every((one) => one.changed && one.backup === null && one.diff.includes('+')));
    assertServes(serverEntry(given));
    const at = (/** @type {string} */ file) => fs.readFileSync(path.join(folder, file), 'utf8');
    assertServes(parseToml(at('.codex/config.toml')).mcp_servers?.['fluorite-memory']);
    /** @type {[string, string, boolean][]} */
    const files = [
      ['.claude.json', 'mcpServers', true],
      [`${applications}/Claude/claude_desktop_config.json`, 'mcpServers', false],
      [`${applications}/Code/User/mcp.json`, 'servers', true],
      ['.cursor/mcp.json', 'mcpServers', false],
      ['.codeium/windsurf/mcp_config.json', 'mcpServers', false],
      ['.config/devin/mcp_config.json', 'mcpServers', false],
      ['.gemini/settings.json', 'mcpServers', false],
    ];
    assert.equal(files.length + 1, clients.length);
    for (const [file, section, typed] of files) {
      const entry = JSON.parse(at(file))[section]['fluorite-memory'];
      assertServes(entry);
      assert.equal(entry.type, typed ? 'stdio' : undefined, file);
      assert.equal(fs.statSync(path.join(folder, file)).mode & 0o777, 0o600);
    }
    const again = await install({ ...given, clients });
    assert.ok(again.every((one) => !one.changed && one.diff === '' && one.backup === null));
  }
});

test('other entries, comments and formatting of a JSON file stay, and the file as it was is kept', async (t) => {
  const { folder, place } = home(t);
  const file = path.join(folder, '.cursor', 'mcp.json');
  const before = `{
    // mine
    "mcpServers": {
        "other": { "command": "x", "args": [1,2] }, // as it is
    },
    "theme":   "dark"
}
`;
  write(file, before);
  fs.chmodSync(file, 0o640);
  const options = { clients: ['cursor'], memory_path: '/memory', place: place('linux') };
  const [planned] = await install({ ...options, dry_run: true });
  assert.ok(planned.changed && planned.backup === null);
  assert.equal(fs.readFileSync(file, 'utf8'), before);
  const [installed] = await install(options);
  assert.equal(installed.diff, planned.diff);
  const removed = installed.diff.split('\n').filter((line) => /^-[^-]/.test(line));
  assert.ok(removed.length <= 1, installed.diff);
  const after = fs.readFileSync(file, 'utf8');
  for (const kept of ['// mine', '{ "command": "x", "args": [1,2] }', '// as it is', '"theme":   "dark"']) {
    assert.ok(after.includes(kept), kept);
  }
  const { other, ...servers } = parseJson(after).mcpServers;
  assert.deepEqual(other, { command: 'x', args: [1, 2] });
  assertServes(servers['fluorite-memory']);
  assert.equal(fs.readFileSync(String(installed.backup), 'utf8'), before);
  assert.equal(fs.statSync(file).mode & 0o777, 0o640);
});

test('an entry is brought up to date without losing what the user added to it', async (t) => {
  const { folder, place } = home(t);
  const file = path.join(folder, '.codeium', 'windsurf', 'mcp_config.json');
  const own = { command: 'old', args: ['old'], env: { A: '1' }, disabled: true };
  write(file, JSON.stringify({ mcpServers: { 'fluorite-memory': own } }));
  const environment = { FLUORITE_PYTHON: '/venv/bin/python3' };
  const options = {
    clients: ['windsurf'],
    memory_path: '/memory',
    place: place('linux', environment),
  };
  const [first] = await install(options);
  const entry = JSON.parse(fs.readFileSync(file, 'utf8')).mcpServers['fluorite-memory'];
  assertServes(entry);
  assert.equal(entry.disabled, true);
  assert.deepEqual(entry.env, { A: '1', ...environment });
  const [second] = await install({ ...options, memory_path: '/elsewhere' });
  assert.notEqual(second.backup, first.backup);
  assert.equal((await install({ ...options, memory_path: '/elsewhere' }))[0].changed, false);
});

test('a TOML file keeps its comments and tables, whether the server is there or not', async (t) => {
  const { folder, place } = home(t);
  const file = path.join(folder, '.codex', 'config.toml');
  const before = `# mine
model = "x" # fast

[mcp_servers.other] # as it is
command = "npx"
args = [
  "-y", # yes
]

[tui]
text = """
[mcp_servers.fake]
"""
`;
  write(file, before);
  const options = { clients: ['codex'], memory_path: '/memory', place: place('linux') };
  await install(options);
  const added = fs.readFileSync(file, 'utf8');
  assert.ok(added.startsWith(before));
  assertServes(parseToml(added).mcp_servers?.['fluorite-memory']);
  const edited = added
    .replace('"/memory"', '"/old"')
    .replace('[mcp_servers.other]', '[mcp_servers.fluorite-memory.env]\nA = "1"\n\n[mcp_servers.other]');
  write(file, edited);
  await install(options);
  const after = fs.readFileSync(file, 'utf8');
  const servers = /** @type {any} */ (parseToml(after).mcp_servers);
  assertServes(servers['fluorite-memory']);
  assert.deepEqual({ ...servers['fluorite-memory'].env }, { A: '1' });
  for (const kept of ['# mine', '# fast', '# as it is', '"-y", # yes', '[mcp_servers.fake]']) {
    assert.ok(after.includes(kept), kept);
  }
  assert.equal((await install(options))[0].changed, false);
});

test('a file that cannot be edited safely is named and left alone, and so are the others', async (t) => {
  const { folder, place } = home(t);
  /** @type {[string, string, string, RegExp][]} */
  const cases = [
    ['cursor', '.cursor/mcp.json', '{\n  "mcpServers": {\n', /mcp\.json: line \d is no JSON/],
    ['cursor', '.cursor/mcp.json', '[]', /the file is no object/],
    ['cursor', '.cursor/mcp.json', '{"mcpServers": []}', /mcpServers is no object/],
    ['codex', '.codex/config.toml', 'a = 1\nb = \n', /config\.toml: line 2 is no TOML/],
    ['codex', '.codex/config.toml', 'mcp_servers = { a = { command = "x" } }\n', /by hand/],
  ];
  for (const [client, file, text, message] of cases) {
    write(path.join(folder, file), text);
    const clients = ['gemini', client];
    await assert.rejects(install({ clients, place: place('linux') }), {
      code: 'INVALID_CONFIGURATION',
      message,
    });
    assert.equal(fs.readFileSync(path.join(folder, file), 'utf8'), text);
    assert.ok(!fs.existsSync(path.join(folder, '.gemini')));
  }
});

test('without names the assistants that are there are chosen; a project has files of its own', async (t) => {
  const { folder, place } = home(t);
  await assert.rejects(install({ place: place('linux') }), { message: /Found no assistant.*cursor/ });
  await assert.rejects(install({ clients: ['emacs'], place: place('linux') }), {
    message: /'emacs'.*cursor/,
  });
  fs.mkdirSync(path.join(folder, '.cursor'));
  write(path.join(folder, '.claude.json'), '');
  const installed = await install({ place: place('linux'), dry_run: true });
  assert.deepEqual(
    installed.map((one) => one.client),
    ['claude-code', 'cursor'],
  );
  const project = path.join(folder, 'project');
  fs.mkdirSync(project);
  const shared = await install({ place: place('linux'), project, server_name: 'patterns' });
  assert.deepEqual(
    shared.map((one) => path.relative(project, one.path)),
    ['.mcp.json', path.join('.cursor', 'mcp.json')],
  );
  const entry = JSON.parse(fs.readFileSync(path.join(project, '.mcp.json'), 'utf8')).mcpServers.patterns;
  assert.deepEqual(entry.args.slice(1), ['serve', '--mcp']);
  await assert.rejects(install({ clients: ['windsurf'], project, place: place('linux') }), {
    message: /Windsurf has no configuration of a project/,
  });
});

test('a file behind a symbolic link is changed where it lies', async (t) => {
  const { folder, place } = home(t);
  const real = path.join(folder, 'dotfiles', 'mcp.json');
  write(real, '{}\n');
  fs.mkdirSync(path.join(folder, '.cursor'));
  fs.symlinkSync(real, path.join(folder, '.cursor', 'mcp.json'));
  await install({ clients: ['cursor'], place: place('linux') });
  assert.ok(fs.lstatSync(path.join(folder, '.cursor', 'mcp.json')).isSymbolicLink());
  assert.ok(JSON.parse(fs.readFileSync(real, 'utf8')).mcpServers['fluorite-memory']);
});
