// @ts-check
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { FluoriteBridge } = require('fluorite-memory-engine');
const { openBridge, runChild, temporaryFolder } = require('./support.js');

test('a chunk comes back with every field as it was given', async (t) => {
  const bridge = await openBridge(t);
  const chunk = {
    id: '認証/bff-パターン',
    content: "app.use('/account/*', jwt({ secret }));",
    chunk_type: 'pattern',
    frameworks: ['nextjs', 'hono'],
    tags: ['認証', 'bff'],
    quality_score: 0.9,
    metadata: { nested: { list: [1, 2.5, null, true, '文字'] } },
  };
  assert.equal(await bridge.storeChunk(chunk), chunk.id);
  const stored = await bridge.getChunk(chunk.id);
  assert.ok(stored);
  const { created_at, updated_at, ...fields } = stored;
  assert.deepEqual(fields, chunk);
  assert.ok(Math.abs(Date.now() - created_at) < 60_000 && created_at === updated_at);
});

test('binary content comes back as the same bytes', async (t) => {
  const bridge = await openBridge(t);
  for (const size of [0, 1, 5000, 200_000]) {
    const content = Uint8Array.from({ length: size }, (_, index) => (index * 7) % 256);
    await bridge.storeChunk({ id: `binary-${size}`, content });
    const stored = await bridge.getChunk(`binary-${size}`);
    assert.ok(stored?.content instanceof Uint8Array);
    assert.deepEqual(Buffer.from(stored.content), Buffer.from(content));
  }
});

test('many chunks are stored as a list and as columns, and the wrong ones are rejected by name', async (t) => {
  const bridge = await openBridge(t);
  /** @type {any[]} */
  const list = [
    { id: 'a', content: 'one' },
    { id: 'b', content: 7 },
    { id: 'c', content: 'three', qualty_score: 1 },
  ];
  const first = await bridge.storeChunks(list);
  assert.deepEqual([first.stored, first.replaced], [1, 0]);
  assert.deepEqual(
    first.rejected.map(({ id, code }) => [id, code]),
    [
      ['b', 'INVALID_ARGUMENT'],
      ['c', 'UNKNOWN_OPTION'],
    ],
  );
  assert.match(first.rejected[1].message, /quality_score/);
  const second = await bridge.storeChunks({ ids: ['a', 'd'], contents: ['again', 'new'], tags: [['x'], []] });
  assert.deepEqual(second, { stored: 1, replaced: 1, rejected: [] });
  assert.deepEqual(
    (await bridge.getChunks(['d', 'nope', 'a'])).map((chunk) => chunk?.content),
    ['new', undefined, 'again'],
  );
});

test('five thousand chunks in one call are all there, with progress that ends at the total', async (t) => {
  const bridge = await openBridge(t);
  const ids = Array.from({ length: 5000 }, (_, index) => `chunk-${String(index).padStart(5, '0')}`);
  /** @type {import('fluorite-memory-engine').Progress[]} */
  const told = [];
  const result = await bridge.storeChunks(
    { ids, contents: ids.map((id) => `content of ${id}`), frameworks: ids.map(() => ['hono']) },
    { onProgress: (progress) => told.push(progress) },
  );
  assert.equal(result.stored, 5000);
  assert.deepEqual([told.at(-1)?.done, told.at(-1)?.total], [5000, 5000]);
  const listed = [];
  /** @type {string | undefined} */
  let cursor;
  do {
    const page = await bridge.listChunks({ framework: 'HONO', limit: 999, cursor });
    listed.push(...page.chunks.map((chunk) => chunk.id));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(listed, ids);
});

test('storing no chunks at all stores none', async (t) => {
  const bridge = await openBridge(t);
  const none = { stored: 0, replaced: 0, rejected: [] };
  assert.deepEqual(await bridge.storeChunks([]), none);
  const columns = { ids: [], contents: [], embeddings: new Float32Array(0) };
  assert.deepEqual(await bridge.storeChunks(columns), none);
});

test('a deleted chunk is gone, and deleting it again says so', async (t) => {
  const bridge = await openBridge(t);
  await bridge.storeChunk({ id: 'a', content: 'x', tags: ['t'] });
  assert.equal(await bridge.deleteChunk('a'), true);
  assert.equal(await bridge.deleteChunk('a'), false);
  assert.equal(await bridge.getChunk('a'), null);
  assert.deepEqual((await bridge.listChunks({ tag: 't' })).chunks, []);
});

test('two bridges in one process share a memory, and each may be shut down by itself', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const one = await openBridge(t, { memory_path });
  const two = await openBridge(t, { memory_path: `${memory_path}/../memory` });
  await one.storeChunk({ id: 'a', content: 'from one' });
  assert.equal((await two.getChunk('a'))?.content, 'from one');
  await one.shutdown();
  await two.storeChunk({ id: 'b', content: 'from two' });
  assert.equal((await two.getMetrics()).chunks, 2);
});

test('another process reads and writes the same memory while this one holds it open', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { memory_path });
  await bridge.storeChunk({ id: 'parent', content: 'from the parent' });
  const child = await runChild('store_one.js', [memory_path, 'child', 'parent']);
  assert.equal(child.code, 0, child.stderr);
  assert.equal(child.stdout.trim(), 'from the parent');
  assert.equal((await bridge.getChunk('child'))?.content, 'stored by store_one.js');
});

test('vectors that were given are searched without any model, exactly', async (t) => {
  const bridge = await openBridge(t);
  const rows = 500;
  const embeddings = Float32Array.from({ length: rows * 384 }, (_, index) => Math.sin(index * index));
  const ids = Array.from({ length: rows }, (_, index) => `v${index}`);
  await bridge.storeChunks({ ids, contents: ids, embeddings });
  const query = embeddings.slice(7 * 384, 8 * 384);
  const hits = await bridge.searchSimilar(query, 3);
  assert.equal(hits[0].id, 'v7');
  assert.ok(Math.abs(hits[0].score - 1) < 1e-3 && hits[0].score >= hits[1].score);
  await bridge.storeChunk({ id: 'alone', content: 'x', embedding: query });
  assert.ok((await bridge.searchSimilar(query, 2)).some((hit) => hit.id === 'alone'));
  await bridge.deleteChunk('v7');
  assert.ok((await bridge.searchSimilar(query, 10)).every((hit) => hit.id !== 'v7'));
  assert.deepEqual(
    await bridge.searchSimilar(query, 5, { min_score: 1 }).then((found) => found.length <= 1),
    true,
  );
});

test('await using shuts the bridge down, and the ES module exports the same classes', async (t) => {
  const bridge = await openBridge(t);
  const dispose = /** @type {any} */ (bridge)[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')];
  await dispose.call(bridge);
  await assert.rejects(bridge.getMetrics(), { code: 'CLOSED' });
  const module = await import('fluorite-memory-engine');
  assert.equal(module.FluoriteBridge, FluoriteBridge);
});

test('a bridge that was shut down can be initialized again and finds its chunks', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path, enable_ml: false });
  await bridge.storeChunk({ id: 'a', content: 'kept' });
  await bridge.shutdown();
  await bridge.shutdown();
  await bridge.initialize({ memory_path, enable_ml: false });
  assert.equal((await bridge.getChunk('a'))?.content, 'kept');
  await bridge.shutdown();
});

test('shutdown during initialize and with calls in flight settles everything', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = new FluoriteBridge();
  const opening = bridge.initialize({ memory_path, enable_ml: false });
  await Promise.all([opening, bridge.shutdown()]);
  await bridge.initialize({ memory_path, enable_ml: false });
  const calls = Array.from({ length: 200 }, (_, index) =>
    bridge.storeChunk({ id: `c${index}`, content: 'x' }),
  );
  const settled = Promise.allSettled(calls);
  await bridge.shutdown();
  for (const outcome of await settled) {
    if (outcome.status === 'rejected') assert.match(outcome.reason.code, /^(CANCELLED|CLOSED)$/);
  }
});
