// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { openBridge, runChild, temporaryFolder } = require('./support.js');

const some = (/** @type {number} */ count, tag = 'kept') =>
  Array.from({ length: count }, (_, number) => ({
    id: `${tag}-${number}`,
    content: `export const ${tag}${number} = '${Math.random()}';`,
    tags: [tag],
  }));

/** @param {string} file @param {string} text */
function flipNear(file, text) {
  const data = fs.readFileSync(file);
  for (let place = data.indexOf(text); place >= 0; place = data.indexOf(text, place + 1))
    data[place + 1] ^= 4;
  fs.writeFileSync(file, data);
}

test('a backup taken while others write is a memory of its own', async (t) => {
  const bridge = await openBridge(t);
  await bridge.storeChunks(some(300));
  const target = path.join(temporaryFolder(t), 'backups', 'today');
  const writing = bridge.storeChunks(some(300, 'later'));
  /** @type {string[]} */
  const stages = [];
  const backup = await bridge.backup(target, { onProgress: ({ stage }) => stages.push(stage) });
  await writing;
  assert.ok(backup.chunks === 300 || backup.chunks === 600, `${backup.chunks}`);
  assert.deepEqual([backup.path, stages.at(-1)], [target, 'copy']);
  const copy = await openBridge(t, { memory_path: target });
  assert.equal((await copy.getMetrics()).chunks, backup.chunks);
  assert.equal((await copy.searchSimilar('kept7', 1))[0].id, 'kept-7');
  assert.deepEqual((await copy.verify()).problems, []);
  await assert.rejects(bridge.backup(target), { code: 'INVALID_ARGUMENT', message: /empty folder/ });
});

test('damage is found, named and repaired, and every bridge goes on', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const first = await openBridge(t, { memory_path });
  await first.storeChunks(some(100));
  await first.searchSimilar('kept7', 1);
  await first.shutdown();
  flipNear(path.join(memory_path, 'chunks', 'data.mdb'), 'kept-50');

  const bridge = await openBridge(t, { memory_path });
  const other = await openBridge(t, { memory_path });
  const verified = await bridge.verify();
  assert.equal(verified.ok, false);
  const repair = await bridge.repair();
  assert.ok(repair.repaired.length > 0);
  assert.deepEqual((await bridge.verify()).problems, []);
  const lost = new Set(repair.lost.map(({ id }) => id));
  for (const one of [bridge, other]) {
    for (const { id } of some(100)) {
      if (!lost.has(id)) assert.equal((await one.getChunk(id))?.id, id);
    }
    const hits = await one.searchSimilar('kept', 100);
    assert.ok(hits.length > 0 && hits.every(({ id }) => !lost.has(id)));
  }
  assert.ok(fs.readdirSync(memory_path).some((name) => name.startsWith('damaged-')));
  await Promise.all([bridge.shutdown(), other.shutdown()]);
});

test('compacting gives room back to the disk while other bridges go on', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const [bridge, other] = [await openBridge(t, { memory_path }), await openBridge(t, { memory_path })];
  const vectors = new Float32Array(1500 * 384).map(() => Math.random() - 0.5);
  const chunks = some(1500).map((chunk, row) => ({
    ...chunk,
    embedding: vectors.slice(row * 384, (row + 1) * 384),
  }));
  await bridge.storeChunks(chunks);
  for (const { id } of chunks.slice(100)) await bridge.deleteChunk(id);
  const reading = Promise.all(chunks.slice(0, 100).map(({ id }) => other.getChunk(id)));
  const result = await bridge.compact();
  assert.ok((await reading).every((chunk) => chunk !== null));
  assert.equal(result.embeddings_removed, 1400);
  assert.ok(result.after_bytes < result.before_bytes / 3, `${result.before_bytes} → ${result.after_bytes}`);
  const { store_bytes, embeddings_bytes } = await bridge.getMetrics();
  assert.equal(store_bytes + embeddings_bytes, result.after_bytes);
  await other.storeChunk({ id: 'after', content: 'stored afterwards' });
  assert.equal((await bridge.searchSimilar(vectors.slice(0, 384), 1))[0].id, 'kept-0');
  assert.deepEqual((await other.verify()).problems, []);
  await Promise.all([bridge.shutdown(), other.shutdown()]);
});

test('a memory that another process has open is not compacted, and the error says by whom', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { memory_path });
  await bridge.storeChunk({ id: 'a', content: 'b' });
  const child = await runChild('compacts.js', [memory_path]);
  assert.deepEqual([child.code, child.stderr], [0, '']);
  const { code, message } = JSON.parse(child.stdout);
  assert.equal(code, 'STORE_ERROR');
  assert.match(
    message,
    process.platform === 'linux' ? new RegExp(`\\(${process.pid}\\)`) : /another process/,
  );
  assert.equal((await bridge.compact()).embeddings_removed, 0);
});
