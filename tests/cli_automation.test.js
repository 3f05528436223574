// @ts-check
'use strict';

const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { MAIN, SPIKES, runCli } = require('./cli_support.js');
const { run, temporaryFolder } = require('./support.js');

/**
 * A folder with a note to learn, a list of sources beside it, and a command line that keeps to the folder.
 * @param {any} context
 * @param {string} [more] of the list
 */
function place(context, more = '') {
  const folder = temporaryFolder(context);
  fs.mkdirSync(path.join(folder, 'notes'));
  fs.writeFileSync(
    path.join(folder, 'notes', 'retry.md'),
    '# Retrying\n\nWait longer before each attempt.\n',
  );
  const sources = path.join(folder, 'sources.toml');
  fs.writeFileSync(sources, `[[folders]]\nname = "notes"\npath = "notes"\n${more}`);
  const memory = path.join(folder, 'memory');
  const state = path.join(folder, 'state');
  const env = { FLUORITE_STATE_DIR: state, FLUORITE_ENABLE_ML: 'false' };
  /** @param {string[]} args @param {Record<string, string>} [others] */
  const autoLearn = (args, others = {}) =>
    runCli(['auto-learn', '--memory', memory, ...args], { env: { ...env, ...others } });
  return { folder, sources, memory, state, env, autoLearn };
}

test('auto-learn learns a listed folder and sums up its steps and sources', async (context) => {
  const { sources, memory, autoLearn } = place(context);
  const { code, stdout, stderr } = await autoLearn(['--sources', sources]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^done +collect +\d/);
  assert.match(stdout, /^done +learn +\d.* 1 chunks stored, 0 removed$/m);
  assert.match(stdout, /^done +export +\d.* 1 chunks in .*learning-chunks$/m);
  assert.match(stdout, /^skipped +train/m);
  assert.match(stdout, /^Sources\n {2}done {2}notes {2}folder {2}1 files/m);
  const found = await runCli(['search', 'wait longer', '--no-model', '--json', '--memory', memory]);
  assert.match(JSON.parse(found.stdout).hits[0].id, /retry\.md/);
  const quiet = await autoLearn(['--sources', sources, '--quiet']);
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, '', '']);
});

test('auto-learn goes on past a source that fails, and ends with exit code 4', async (context) => {
  const { sources, autoLearn } = place(context, '[[folders]]\nname = "gone"\npath = "gone"\n');
  const json = await autoLearn(['--sources', sources, '--json']);
  assert.equal(json.code, 4, json.stderr);
  const { steps, sources: told } = JSON.parse(json.stdout);
  assert.deepEqual(
    steps.map((/** @type {any} */ step) => step.status),
    ['done', 'done', 'done', 'skipped', 'skipped'],
  );
  assert.deepEqual(
    told.map((/** @type {any} */ one) => [one.name, one.status]),
    [
      ['notes', 'done'],
      ['gone', 'failed'],
    ],
  );
  const quiet = await autoLearn(['--sources', sources, '--quiet'], { LANG: 'ja_JP.UTF-8' });
  assert.equal(quiet.code, 4);
  assert.match(quiet.stdout, /^収集元\n {2}失敗 {2}gone .*does not exist/);
  assert.match(quiet.stderr, /^エラー: 失敗したものがあります/);
});

test('auto-learn --dry-run tells what it would do and makes nothing', async (context) => {
  const { folder, sources, memory, state, autoLearn } = place(context);
  const { code, stdout, stderr } = await autoLearn(['--sources', sources, '--dry-run', '--commit'], {
    FLUORITE_REPOSITORY: path.join(folder, 'notes'),
    FLUORITE_SPIKE_TEMPLATES_PATH: SPIKES,
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^planned +collect$/m);
  assert.match(stdout, /^planned +learn +.*examples\/spikes$/m);
  assert.match(stdout, /^planned +commit +.*notes$/m);
  assert.match(stdout, /^ {2}planned {2}notes {2}folder$/m);
  assert.deepEqual([fs.existsSync(memory), fs.readdirSync(path.join(folder, 'notes')).length], [false, 1]);
  for (const made of fs.readdirSync(state)) assert.match(made, /\.log$|^\.gitignore$/);
  await runCli(['store', 'mine', '--memory', memory], { input: 'x' });
  assert.match((await autoLearn(['--sources', sources, '--dry-run'])).stdout, /^planned +export/m);
  assert.equal((await runCli(['search', 'wait', '--no-model', '--memory', memory])).code, 3);
});

test('auto-learn --commit commits the learning chunks, and says what it lacks', async (context) => {
  const { folder, sources, autoLearn } = place(context);
  const lacking = await autoLearn(['--sources', sources, '--commit']);
  assert.equal(lacking.code, 1);
  assert.match(lacking.stderr, /commit needs the repository/);
  const repository = path.join(folder, 'project');
  fs.mkdirSync(repository);
  const git = (/** @type {string[]} */ ...words) => run('git', ['-C', repository, ...words]);
  await git('init', '-q');
  await git('config', 'user.name', 'A Tester');
  await git('config', 'user.email', 'tester@example.com');
  const { code, stdout, stderr } = await autoLearn([
    ...['--sources', sources, '--commit', '--repository', repository],
  ]);
  assert.equal(code, 0, stderr);
  const [, commit] = /** @type {RegExpMatchArray} */ (
    stdout.match(/^done +commit .* \d files in ([0-9a-f]{12})$/m)
  );
  assert.ok((await git('rev-parse', 'HEAD')).startsWith(commit));
});

test('auto-learn tells who holds the lock, and with --wait waits for it', async (context) => {
  const { sources, state, autoLearn } = place(context);
  fs.mkdirSync(state);
  const lock = path.join(state, 'auto-learn.lock');
  const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; read -r line']);
  context.after(() => holder.kill());
  const held = await new Promise((resolve) => {
    holder.on('error', () => resolve(false));
    holder.stdout.once('data', () => resolve(true));
  });
  if (!held) return context.skip('flock is not installed');
  const refused = await autoLearn(['--sources', sources, '--lang', 'ja']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^エラー: 別の自動学習が実行中です。[\s\S]*--wait/);
  const waiting = autoLearn(['--sources', sources, '--wait']);
  setTimeout(() => holder.stdin.end('\n'), 1000);
  assert.equal((await waiting).code, 0);
});

/**
 * A home of its own with stand-ins for the schedulers' programs: crontab keeps its table in a file, systemctl
 * notes what it is asked to do.
 * @param {any} context
 */
async function home(context) {
  const { folder, memory, env } = place(context);
  const programs = path.join(folder, 'programs');
  fs.mkdirSync(programs);
  const table = path.join(folder, 'table');
  const log = path.join(folder, 'log');
  fs.writeFileSync(table, '# my own\n@daily true\n');
  const scripts = {
    crontab: `case "$1" in -l) cat '${table}';; -) cat > '${table}';; -r) rm '${table}';; esac`,
    systemctl: `case "$2" in show-environment) exit 1;; is-enabled) echo enabled;; *) echo "$*" >> '${log}';; esac`,
  };
  for (const [name, script] of Object.entries(scripts))
    fs.writeFileSync(path.join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const stored = await runCli(['store', 'one', '--memory', memory], { input: 'x' });
  assert.equal(stored.code, 0, stored.stderr);
  const environment = { ...env, HOME: folder, PATH: `${programs}${path.delimiter}${process.env.PATH}` };
  /** @param {string[]} args */
  const schedule = (...args) => runCli(['schedule', ...args, '--memory', memory], { env: environment });
  return { folder, table, log, memory, schedule };
}

test('schedule shows every file and command before, sets up one daily run, and removes it', async (context) => {
  const { table, memory, schedule } = await home(context);
  const own = fs.readFileSync(table, 'utf8');
  const none = await schedule();
  assert.equal(none.code, 0, none.stderr);
  assert.match(none.stdout, /^No daily run is set up.*schedule set\n$/);
  const planned = await schedule('set', '--time', '03:30', '--dry-run');
  assert.equal(planned.code, 0, planned.stderr);
  assert.equal(fs.readFileSync(table, 'utf8'), own);
  const made = await schedule('set', '--time', '03:30');
  assert.match(made.stdout, /^Every day at 03:30, by cron\n {2}.*\nIt is set up\.\n$/);
  const lines = fs.readFileSync(table, 'utf8').trimEnd().split('\n');
  const shown = ['crontab would hold:', ...lines.map((line) => `  ${line}`), 'These commands would be run:'];
  assert.ok(planned.stdout.includes(`${shown.join('\n')}\n  crontab -\n`), planned.stdout);
  assert.match((await schedule('set', '--time', '03:30')).stdout, /It was set up so already/);
  const json = JSON.parse((await schedule('show', '--json')).stdout);
  assert.deepEqual(
    [json.kind, json.installed, json.time, json.command.slice(0, 3)],
    ['cron', true, '03:30', [process.execPath, MAIN, 'auto-learn']],
  );
  assert.match((await schedule()).stdout, /^Every day at 03:30, by cron\n/);
  fs.rmSync(memory, { recursive: true });
  assert.match((await schedule()).stdout, /^Every day at 03:30, by cron\n/);
  assert.match((await schedule('remove', '--dry-run')).stdout, /^crontab would hold:\n {2}# my own\n/);
  assert.match((await schedule('remove')).stdout, /^The daily run is removed\.\n$/);
  assert.equal(fs.readFileSync(table, 'utf8'), own);
  assert.equal((await schedule('set')).code, 3);
});

test('what schedule sets up runs in the bare environment of cron, silently', async (context) => {
  const { folder, table, schedule } = await home(context);
  const made = await schedule('set');
  assert.equal(made.code, 0, made.stderr);
  const line = fs.readFileSync(table, 'utf8').match(/^0 2 \* \* \* (.*)$/m)?.[1];
  const ended = spawnSync('/bin/sh', ['-c', String(line).replaceAll('\\%', '%')], {
    cwd: folder,
    env: { HOME: folder, PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  });
  assert.deepEqual([ended.status, ended.stdout, ended.stderr], [0, '', '']);
  assert.ok(fs.existsSync(path.join(folder, 'state', 'learning-chunks')));
});

test('schedule writes the units of systemd, and would write the agent of launchd', async (context) => {
  const { folder, log, schedule } = await home(context);
  const made = await schedule('set', '--kind', 'systemd');
  assert.equal(made.code, 0, made.stderr);
  const units = path.join(folder, '.config', 'systemd', 'user');
  assert.equal(fs.readdirSync(units).length, 2);
  assert.match(fs.readFileSync(log, 'utf8'), /^--user daemon-reload\n--user enable --now .*\.timer\n$/);
  const gone = await schedule('remove', '--dry-run');
  assert.equal(gone.stdout.match(/\/systemd\/user\/.* would be removed\.$/gm)?.length, 2);
  assert.match(gone.stdout, /^ {2}systemctl --user disable --now /m);
  const agent = await schedule('set', '--kind', 'launchd', '--dry-run', '--lang', 'ja');
  assert.match(agent.stdout, /Library\/LaunchAgents\/.*\.plist の内容:\n {2}<\?xml/);
  assert.match(agent.stdout, /^ {2}launchctl bootstrap gui\/\d+ /m);
  const wrong = await schedule('set', '--kind', 'at');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /cron, systemd, launchd/);
});
