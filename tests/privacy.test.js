// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { FluoriteBridge } = require('fluorite-memory-engine');
const { openBridge, runChild, temporaryFolder } = require('./support.js');

const spikes = path.join(__dirname, '..', 'examples', 'spikes');

/**
 * A state folder of its own until the test ends.
 * @param {{after: (work: () => void) => void}} test
 */
function ownState(test) {
  const before = process.env.FLUORITE_STATE_DIR;
  const folder = path.join(temporaryFolder(test), 'state');
  process.env.FLUORITE_STATE_DIR = folder;
  test.after(() => {
    process.env.FLUORITE_STATE_DIR = before;
  });
  return folder;
}

/** @param {string} folder @param {RegExp} name */
const read = (folder, name) =>
  fs
    .readdirSync(folder)
    .filter((file) => name.test(file))
    .map((file) => fs.readFileSync(path.join(folder, file), 'utf8'))
    .join('');

/** @param {string} file */
const mode = (file) => fs.statSync(file).mode & 0o777;

test('searches by text are kept in private files outside the memory, and come back newest first', async (t) => {
  const state = ownState(t);
  const bridge = await openBridge(t);
  await bridge.storeChunk({ id: 'login', content: 'a login form', embedding: unit() });
  await bridge.searchSimilar('login form');
  await bridge.searchMany(['ログイン', unit(), 'nothing at all'], 3);
  await bridge.searchSimilar(unit());
  const page = await bridge.getHistory({ limit: 2 });
  assert.deepEqual(
    page.searches.map(({ query }) => query),
    ['nothing at all', 'ログイン'],
  );
  assert.ok(page.cursor);
  const [first] = (await bridge.getHistory({ cursor: page.cursor })).searches;
  assert.deepEqual([first.query, first.hits, first.ids], ['login form', 1, ['login']]);
  assert.ok(Math.abs(Date.now() - first.time) < 60_000 && first.milliseconds > 0);
  assert.equal(mode(state), 0o700);
  for (const file of fs.readdirSync(state)) assert.equal(mode(path.join(state, file)), 0o600, file);
  const { history } = await bridge.getMetrics();
  assert.deepEqual(history, { enabled: true, path: state, error: null });
});

test('no file of a memory holds the text of a search', async (t) => {
  ownState(t);
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { memory_path });
  await bridge.storeChunk({ id: 'a', content: 'content' });
  await bridge.searchSimilar('unmistakablequery');
  await bridge.shutdown();
  const files = fs.readdirSync(memory_path, { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    const content = fs.readFileSync(path.join(file.parentPath ?? file.path, file.name), 'latin1');
    assert.equal(content.includes('unmistakablequery'), false, file.name);
  }
});

test('the history is written at shutdown, outlives the process and is cleared for good', async (t) => {
  const state = ownState(t);
  const { code, stderr } = await runChild('searches.js', [temporaryFolder(t), 'from a child']);
  assert.equal(code, 0, stderr);
  const bridge = await openBridge(t);
  await bridge.searchSimilar('from here');
  const { searches } = await bridge.getHistory();
  assert.deepEqual(
    searches.map(({ query }) => query),
    ['from here', 'from a child'],
  );
  assert.equal(await bridge.clearHistory(), 2);
  assert.deepEqual(await bridge.getHistory(), { searches: [], cursor: null });
  assert.equal(read(state, /^history/), '');
});

test('without a history nothing is kept, and what was kept can still be cleared', async (t) => {
  const state = ownState(t);
  const config_path = path.join(temporaryFolder(t), 'fluorite.toml');
  fs.writeFileSync(config_path, '[privacy]\nhistory = false\n');
  const memory_path = path.join(temporaryFolder(t), 'memory');
  for (const options of [{ history: false }, { config_path }]) {
    const bridge = await openBridge(t, { ...options, memory_path });
    await bridge.searchSimilar('secret plans');
    assert.equal((await bridge.getMetrics()).history.enabled, false);
    await bridge.shutdown();
    assert.equal(fs.existsSync(state) && read(state, /./).includes('secret plans'), false);
  }
  const bridge = await openBridge(t, { config_path, history: true });
  await bridge.searchSimilar('an option wins');
  const off = await openBridge(t, { history: false });
  assert.equal((await off.getHistory()).searches.length, 1);
  assert.equal(await off.clearHistory(), 1);
});

test('a search answers where its history cannot be written, and metrics say why', async (t) => {
  const state = ownState(t);
  fs.writeFileSync(state, 'a file in its place');
  const { code, stdout, stderr } = await runChild('searches.js', [temporaryFolder(t), 'text', 'another']);
  assert.equal(code, 0, stderr);
  const { error, refused } = JSON.parse(stdout);
  assert.ok(error.includes(state));
  assert.equal(refused, 'STORE_ERROR');
  assert.equal(stderr.match(/history of searches cannot be written/g)?.length, 1);
});

test('a state folder inside a repository is refused by name', async (t) => {
  const folder = temporaryFolder(t);
  fs.mkdirSync(path.join(folder, '.git'));
  const config_path = path.join(folder, 'fluorite.toml');
  fs.writeFileSync(config_path, "[privacy]\nstate_path = 'state'\n");
  const before = process.env.FLUORITE_STATE_DIR;
  delete process.env.FLUORITE_STATE_DIR;
  t.after(() => {
    process.env.FLUORITE_STATE_DIR = before;
  });
  const memory_path = path.join(folder, 'memory');
  await assert.rejects(new FluoriteBridge().initialize({ memory_path, config_path }), {
    code: 'INVALID_CONFIGURATION',
    message: /state_path|fluorite\.toml.*inside the repository/,
  });
  assert.equal(fs.existsSync(memory_path), false);
});

test('a run of learning is logged with its progress, quality, memory use and cache', async (t) => {
  const state = ownState(t);
  const bridge = await openBridge(t, { spike_templates_path: spikes });
  await bridge.learnFromSpikes();
  await assert.rejects(bridge.learnFromDocuments({ path: path.join(state, 'nowhere') }));
  const lines = read(state, /^learning-\d{4}-\d\d-\d\d\.log$/)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const of = (/** @type {string} */ event) => lines.filter((line) => line.event === event);
  const [started, ...rest] = of('learn_from_spikes');
  assert.equal(started.status, 'started');
  assert.ok(rest.some(({ status, stage, done }) => status === 'progress' && stage === 'read' && done > 0));
  const ended = rest[rest.length - 1];
  assert.equal(ended.status, 'ended');
  assert.ok(ended.result.new > 50 && ended.seconds > 0);
  assert.equal(ended.quality_histogram.length, 10);
  assert.ok(ended.memory_use.peak_resident_bytes > 1e6);
  assert.ok(ended.cache.hit_rate === null || ended.cache.hit_rate <= 1);
  const failed = of('learn_from_documents').at(-1);
  assert.deepEqual([failed.status, failed.level, failed.code], ['failed', 'error', 'PATH_NOT_FOUND']);
  assert.equal(mode(state), 0o700);
});

/** A unit vector. */
function unit() {
  const vector = new Float32Array(384);
  vector[3] = 1;
  return vector;
}
