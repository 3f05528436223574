// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { test } = require('node:test');
const { openBridge, runChild, temporaryFolder } = require('./support.js');

const spikes = path.join(__dirname, '..', 'examples', 'spikes');

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
const dot = (a, b) =>
  Array.from(a, (value, index) => value * b[index]).reduce((sum, value) => sum + value, 0);

test('the example of the user description works as printed', async (t) => {
  const child = await runChild('seed_example.js', [temporaryFolder(t)]);
  assert.equal(child.code, 0, child.stderr);
  assert.match(child.stdout, /nextjs-bff-pattern/);
});

test('text finds chunks by meaning, at once after storing, in Japanese and English', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  await bridge.storeChunks([
    { id: 'sql', content: 'CREATE TABLE users (id integer primary key, email text not null);' },
    { id: 'css', content: '.button { border-radius: 4px; background-color: blue; }' },
  ]);
  assert.equal((await bridge.searchSimilar('database schema for accounts', 1))[0].id, 'sql');
  await bridge.storeChunk({
    id: 'react',
    content: 'const [count, setCount] = useState(0); // React counter',
  });
  const hits = await bridge.searchSimilar('React state hook', 3);
  assert.equal(hits[0].id, 'react');
  assert.ok(hits.every((hit, index) => index === 0 || hits[index - 1].score >= hit.score));
  await bridge.storeChunk({ id: '日本語', content: 'データベース' });
  assert.equal((await bridge.searchSimilar('データベース', 1))[0].id, '日本語');
});

test('embeddings are unit vectors, the same alone and in a batch, and identical for identical text', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  const texts = ['short', '', 'ログイン認証', 'x '.repeat(2000), 'short'];
  const { data, rows, dimensions } = await bridge.generateEmbeddings(texts);
  assert.deepEqual([rows, dimensions, data.length], [5, 384, 5 * 384]);
  for (const [row, text] of texts.entries()) {
    const vector = data.subarray(row * 384, (row + 1) * 384);
    assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-3);
    assert.ok(dot(vector, await bridge.generateEmbedding(text)) > 0.9999);
  }
  assert.deepEqual(data.subarray(0, 384), data.subarray(4 * 384));
});

test('no text is embedded twice, in one call, in a later one or after a restart', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { enable_ml: true, memory_path });
  /** @type {number[]} */
  const embedded = [];
  const onProgress = (/** @type {{total: number}} */ { total }) => embedded.push(total);
  await bridge.generateEmbeddings(['same', 'same', 'other'], { onProgress });
  assert.equal(embedded.at(-1), 2);
  embedded.length = 0;
  await bridge.generateEmbeddings(['other', 'same'], { onProgress });
  assert.deepEqual(embedded, []);
  await bridge.storeChunks([{ id: 'a', content: 'stored text' }]);
  await bridge.shutdown();
  const again = await openBridge(t, { enable_ml: true, memory_path });
  await again.generateEmbeddings(['stored text'], { onProgress });
  assert.deepEqual(embedded, []);
  assert.equal((await again.getMetrics()).embedding.loaded, false);
});

test('semanticSearch ranks documents and says which they are', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  const documents = ['a recipe for bread', 'def add(a, b): return a + b', 'import { serve } from "http"'];
  const [first, ...rest] = await bridge.semanticSearch('function that sums two numbers', documents, 2);
  assert.deepEqual([first.document_index, first.document_content, rest.length], [1, documents[1], 1]);
  assert.ok(first.similarity_score > rest[0].similarity_score);
  assert.deepEqual(await bridge.semanticSearch('x', []), []);
});

test('the event loop keeps its pace while two thousand texts are embedded', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  await bridge.generateEmbedding('load the model');
  const texts = Array.from(
    { length: 2000 },
    (_, index) => `export const handler${index} = route(${index * 7919});`,
  );
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const { rows } = await bridge.generateEmbeddings(texts);
  delay.disable();
  assert.equal(rows, 2000);
  const lag = delay.percentile(99) / 1e6 - 5;
  assert.ok(lag < 20, `event loop lag p99 was ${lag.toFixed(1)} ms`);
});

test('learning the sample templates makes them findable, and a second run does no work', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true, spike_templates_path: spikes });
  /** @type {string[]} */
  const stages = [];
  const report = await bridge.learnFromSpikes({ onProgress: ({ stage }) => stages.push(stage) });
  const templates = fs.readdirSync(spikes).length;
  assert.ok(templates >= 60);
  assert.deepEqual([report.processed, report.new, report.malformed], [templates, templates, []]);
  assert.deepEqual([...new Set(stages)], ['read', 'index', 'embed', 'pairs', 'learn']);
  assert.equal(report.chunks_embedded, report.chunks_stored);
  const hits = await bridge.searchSimilar('FastAPI OAuth2 login that returns a JWT access token', 3);
  assert.ok(
    hits.some((hit) => hit.id.includes('fastapi')),
    hits.map((hit) => hit.id).join(', '),
  );
  const again = await bridge.learnFromSpikes();
  assert.deepEqual([again.processed, again.chunks_stored, again.unchanged], [0, 0, templates]);
  assert.equal((await bridge.getLearningStats()).last_run?.unchanged, templates);
});

test('aborting a learning run rejects with the reason, keeps what it stored, and the next run goes on', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true, spike_templates_path: spikes });
  const controller = new AbortController();
  const reason = new Error('enough');
  const run = bridge.learnFromSpikes({
    signal: controller.signal,
    onProgress: ({ stage }) => stage === 'embed' && controller.abort(reason),
  });
  await assert.rejects(run, (error) => error === reason);
  const { chunks } = await bridge.getMetrics();
  assert.ok(chunks > 60);
  const report = await bridge.learnFromSpikes();
  assert.equal(report.processed, 0);
  await assert.rejects(bridge.learnFromSpikes({ signal: controller.signal }), (error) => error === reason);
});

test('calls that need no model are answered while a long embedding runs', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  await bridge.storeChunk({ id: 'a', content: 'x' });
  const texts = Array.from({ length: 500 }, (_, index) => `text number ${index} `.repeat(20));
  let settled = false;
  const embedding = bridge.generateEmbeddings(texts).then(() => {
    settled = true;
  });
  for (let round = 0; round < 20; round++) assert.equal((await bridge.getChunk('a'))?.content, 'x');
  assert.equal(settled, false);
  await embedding;
});

test('a model that does not exist is named, with what to run, and the rest goes on working', async (t) => {
  const folder = temporaryFolder(t);
  const config_path = path.join(folder, 'fluorite.toml');
  fs.writeFileSync(config_path, '[ml]\nembedding_model = "no-such-model"\n');
  const bridge = await openBridge(t, { enable_ml: true, config_path, models_path: folder });
  await bridge.storeChunk({ id: 'a', content: 'kept' });
  await assert.rejects(bridge.generateEmbedding('x'), (/** @type {any} */ error) => {
    assert.equal(error.code, 'MODEL_NOT_FOUND');
    assert.match(error.message, /no-such-model/);
    return true;
  });
  const hits = await bridge.searchSimilar('kept', 1);
  assert.equal(hits[0].id, 'a');
  assert.match(hits.incomplete?.words_only ?? '', /no-such-model/);
  assert.equal((await bridge.getChunk('a'))?.content, 'kept');
});

test('a search that does not wait for the model is answered by words until it is loaded', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  await bridge.storeChunk({ id: 'login', content: 'const signIn = (user) => session.create(user);' });
  const options = { wait_for_model: false, explain: true };
  const first = await bridge.searchSimilar('sign in', 3, options);
  assert.equal(first[0].id, 'login');
  assert.equal(first[0].explanation?.cosine, null);
  assert.match(first.incomplete?.words_only ?? '', /being loaded/);
  const deadline = Date.now() + 30_000;
  let hits = first;
  while (hits.incomplete !== null && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    hits = await bridge.searchSimilar('sign in', 3, options);
  }
  assert.equal(hits.incomplete, null);
  assert.ok(Number(hits[0].explanation?.cosine) > 0);
  await assert.rejects(bridge.searchSimilar('x', 3, /** @type {any} */ ({ wait_for_model: 'no' })), {
    code: 'INVALID_ARGUMENT',
    message: /wait_for_model/,
  });
});

test('a bridge shuts down while its model is being loaded', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  const hits = await bridge.searchSimilar('sign in', 3, { wait_for_model: false });
  assert.match(hits.incomplete?.words_only ?? '', /being loaded/);
  await bridge.shutdown();
});

test('while a folder is learned, searches answer and find what was stored meanwhile', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true, spike_templates_path: spikes });
  await bridge.generateEmbedding('load the model');
  let embedding = false;
  let finished = false;
  const learning = bridge
    .learnFromSpikes({
      onProgress: ({ stage }) => {
        embedding ||= stage === 'embed';
      },
    })
    .finally(() => {
      finished = true;
    });
  while (!embedding) await new Promise((resolve) => setTimeout(resolve, 5));
  await bridge.storeChunk({ id: 'meanwhile', content: 'a haiku about autumn leaves in the wind' });
  const [hit] = await bridge.searchSimilar('autumn haiku', 1);
  assert.equal(finished, false, 'the search waited for the learning run');
  assert.equal(hit.id, 'meanwhile');
  await learning;
});
