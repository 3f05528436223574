// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { after, test } = require('node:test');
const { openBridge, run, temporaryFolder } = require('./support.js');

// Python reads the environment once, when it starts: no test may meet the user's own state or crontab.
const base = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-test-'));
after(() => fs.rmSync(base, { recursive: true, force: true }));
const programs = path.join(base, 'programs');
const table = path.join(base, 'crontab');
process.env.FLUORITE_STATE_DIR = path.join(base, 'state');
process.env.HOME = base;
process.env.XDG_CONFIG_HOME = '';
process.env.PATH = `${programs}${path.delimiter}${process.env.PATH}`;
for (const proxy of ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']) delete process.env[proxy];
const crontab = `#!/bin/sh\ncase "$1" in -l) cat '${table}';; -) cat > '${table}';; -r) rm '${table}';; esac\n`;
fs.mkdirSync(programs);
fs.writeFileSync(path.join(programs, 'crontab'), crontab, { mode: 0o755 });
fs.writeFileSync(path.join(programs, 'systemctl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });

/**
 * A server of pages; a page that is a function answers itself.
 * @param {any} t
 * @param {Record<string, string | ((response: http.ServerResponse) => void)>} pages
 */
async function serve(t, pages) {
  const server = http.createServer((request, response) => {
    const page = pages[request.url ?? ''];
    if (typeof page === 'function') return page(response);
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html' });
    response.end(page);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}` };
}

/** @param {any} t @param {string} text */
function sourcesOf(t, text) {
  const file = path.join(temporaryFolder(t), 'sources.toml');
  fs.writeFileSync(file, text);
  return file;
}

/** @param {any} t */
async function repositoryOf(t) {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'orders.ts'), 'export function listOrders() {\n  return db.all();\n}\n');
  const who = ['-c', 'user.name=A Tester', '-c', 'user.email=tester@example.com'];
  await run('git', ['-C', folder, 'init', '-q', '-b', 'main']);
  await run('git', ['-C', folder, 'add', '-A']);
  await run('git', ['-C', folder, ...who, 'commit', '-q', '-m', 'first']);
  return folder;
}

test('a run collects from a repository and the web, and what it learned is found', async (t) => {
  const site = await serve(t, {
    '/streaming': '<main><h1>Streaming</h1><p>Send parts of an answer as they come.</p></main>',
  });
  const sources_path = sourcesOf(
    t,
    `[[repositories]]\nname = "orders"\nurl = "file://${await repositoryOf(t)}"\n` +
      `[[pages]]\nname = "docs"\nurls = ["${site.url}/streaming", "${site.url}/missing"]\nprivate_hosts = ["${site.host}"]\n`,
  );
  const bridge = await openBridge(t, { spike_templates_path: 'examples/spikes' });
  const plan = await bridge.autoLearn({ sources_path, dry_run: true });
  assert.deepEqual(
    plan.sources.map(({ name, status }) => [name, status]),
    [
      ['orders', 'planned'],
      ['docs', 'planned'],
    ],
  );
  assert.equal((await bridge.getMetrics()).chunks, 0);

  /** @type {Set<string>} */
  const stages = new Set();
  const report = await bridge.autoLearn({ sources_path, onProgress: ({ stage }) => stages.add(stage) });
  assert.deepEqual(
    report.sources.map(({ name, kind, status, files }) => [name, kind, status, files]),
    [
      ['orders', 'repository', 'done', 1],
      ['docs', 'pages', 'partial', 1],
    ],
  );
  assert.match(String(report.sources[1].reason), /missing: the server answered 404/);
  assert.deepEqual(
    report.steps.map(({ name, status }) => [name, status]),
    [
      ['collect', 'done'],
      ['learn', 'done'],
      ['export', 'done'],
      ['train', 'skipped'],
      ['commit', 'skipped'],
    ],
  );
  assert.equal(report.steps[2].details.path, path.join(base, 'state', 'learning-chunks'));
  assert.equal(report.steps[2].details.chunks, (await bridge.getMetrics()).chunks);
  assert.ok(stages.has('fetch') && stages.has('read'));
  assert.match((await bridge.searchSimilar('list orders', 1))[0].id, /^orders\.ts#listOrders/);
  assert.match((await bridge.searchSimilar('send parts of an answer', 1))[0].id, /streaming\.md#streaming/);
  assert.equal(fs.statSync(path.join(base, 'state')).mode & 0o777, 0o700);
  assert.equal((await bridge.autoLearn({ sources_path })).sources[0].not_modified, 1);
});

test('a run trains once, and commits only the learning chunks of the repository', async (t) => {
  const repository = await repositoryOf(t);
  const git = (/** @type {string[]} */ ...words) => run('git', ['-C', repository, ...words]);
  await git('config', 'user.name', 'A Tester');
  await git('config', 'user.email', 'tester@example.com');
  fs.writeFileSync(path.join(repository, 'mine.md'), '# Mine\n');
  await git('add', 'mine.md');
  const spike_templates_path = temporaryFolder(t);
  for (const name of ['hono-jwt-auth-api.json', 'redis-distributed-lock-lua.json']) {
    fs.copyFileSync(path.join('examples', 'spikes', name), path.join(spike_templates_path, name));
  }
  const bridge = await openBridge(t, { spike_templates_path, enable_ml: true });
  const report = await bridge.autoLearn({ repository, commit: true });
  assert.deepEqual(
    report.steps.map(({ name, status }) => [name, status]),
    [
      ['collect', 'skipped'],
      ['learn', 'done'],
      ['export', 'done'],
      ['train', 'done'],
      ['commit', 'done'],
    ],
  );
  assert.equal(typeof report.steps[3].details.adopted, 'boolean');
  assert.equal((await bridge.getLearningStats()).last_run?.retrieval, null);
  const committed = (await git('show', '--name-only', '--format=', 'HEAD')).trim().split('\n');
  assert.ok(committed.length > 0 && committed.every((file) => file.startsWith('learning-chunks/')));
  assert.equal(await git('status', '--porcelain'), 'A  mine.md\n');
  const again = await bridge.autoLearn({ repository, commit: true });
  assert.equal(again.steps[4].reason, 'no learning chunk has changed');
});

test('a run that was aborted is taken up by the next, and two at once are told apart', async (t) => {
  /** @type {() => void} */
  let asked = () => {};
  const arrived = new Promise((resolve) => {
    asked = () => resolve(undefined);
  });
  /** @type {Record<string, string | (() => void)>} */
  const pages = { '/robots.txt': '', '/slow': () => asked() };
  const site = await serve(t, pages);
  const sources_path = sourcesOf(
    t,
    `[[repositories]]\nname = "code"\nurl = "file://${await repositoryOf(t)}"\n` +
      `[[pages]]\nname = "slow"\nurls = ["${site.url}/slow"]\nprivate_hosts = ["${site.host}"]\n`,
  );
  const bridge = await openBridge(t);
  const controller = new AbortController();
  const running = bridge.autoLearn({ sources_path, signal: controller.signal });
  await arrived;
  const other = await openBridge(t);
  await assert.rejects(other.autoLearn({ sources_path }), {
    code: 'RUN_IN_PROGRESS',
    message: new RegExp(`process ${process.pid}, since .*wait: true`),
  });
  const begun = Date.now();
  controller.abort();
  await assert.rejects(running, { name: 'AbortError' });
  assert.ok(Date.now() - begun < 10_000);
  pages['/slow'] = '<main><h1>Slow</h1><p>It came in the end.</p></main>';
  const report = await bridge.autoLearn({ sources_path, wait: true });
  assert.deepEqual([report.resumed, ...report.sources.map(({ status }) => status)], [true, 'done', 'done']);
});

test('sources may be configured, and what is wrong is named', async (t) => {
  const folder = temporaryFolder(t);
  const config_path = path.join(folder, 'fluorite.toml');
  fs.writeFileSync(config_path, '[auto_learn]\nsources_path = "list.toml"\ndelay_seconds = 0\n');
  fs.writeFileSync(path.join(folder, 'list.toml'), '[[folders]]\nname = "notes"\npath = "notes"\n');
  const bridge = await openBridge(t, { config_path });
  const report = await bridge.autoLearn();
  assert.deepEqual(
    report.sources.map(({ name, status }) => [name, status]),
    [['notes', 'failed']],
  );
  assert.equal(report.steps[0].status, 'failed');
  await assert.rejects(bridge.autoLearn({ commit: true }), {
    code: 'INVALID_ARGUMENT',
    message: /repository/,
  });
  await assert.rejects(bridge.autoLearn({ sources_path: '/no/such.toml' }), { code: 'PATH_NOT_FOUND' });
  await assert.rejects(bridge.autoLearn(/** @type {any} */ ({ source_path: 'x' })), {
    code: 'UNKNOWN_OPTION',
    message: /'sources_path'/,
  });
  fs.writeFileSync(config_path, '[auto_learn]\nsource_path = "list.toml"\n');
  await assert.rejects(openBridge(t, { config_path }), {
    code: 'INVALID_CONFIGURATION',
    message: /'source_path'.*'sources_path'/s,
  });
});

test('the daily run is set up with this program and memory, shown and removed', async (t) => {
  fs.writeFileSync(table, '# my own\n@daily true\n');
  const bridge = await openBridge(t);
  assert.deepEqual(await bridge.getSchedule(), {
    kind: null,
    installed: false,
    time: null,
    command: [],
    files: [],
    commands: [],
    changed: false,
  });
  const planned = await bridge.setSchedule({ time: '03:15', dry_run: true });
  assert.equal(fs.readFileSync(table, 'utf8'), '# my own\n@daily true\n');
  assert.deepEqual(await bridge.setSchedule({ time: '03:15' }), planned);
  assert.equal(fs.readFileSync(table, 'utf8'), planned.files[0].content);
  const shown = await bridge.getSchedule();
  assert.deepEqual([shown.kind, shown.installed, shown.time], ['cron', true, '03:15']);
  const program = path.join(path.dirname(require.resolve('fluorite-memory-engine')), '..', 'cli', 'main.js');
  assert.deepEqual(shown.command.slice(0, 5), [
    process.execPath,
    program,
    'auto-learn',
    '--quiet',
    '--memory',
  ]);
  assert.equal((await bridge.setSchedule({ time: '03:15' })).changed, false);
  assert.deepEqual((await bridge.removeSchedule()).commands, [['crontab', '-']]);
  assert.equal(fs.readFileSync(table, 'utf8'), '# my own\n@daily true\n');
  await assert.rejects(bridge.setSchedule({ time: '25:00' }), { code: 'INVALID_ARGUMENT', message: /23:59/ });
  await assert.rejects(bridge.setSchedule({ kind: 'systemd' }), { code: 'SCHEDULER_ERROR' });
});
