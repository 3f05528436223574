// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { openBridge, temporaryFolder } = require('./support.js');

test('what one memory shares is found in another, with provenance, below its own', async (t) => {
  const [here, there] = [await openBridge(t), await openBridge(t)];
  const folder = path.join(temporaryFolder(t), 'alices-patterns', 'learning-chunks');
  await here.storeChunks([
    { id: 'guard', content: 'requireToken(request)', quality_score: 0.8, frameworks: ['hono'] },
    { id: 'bytes', content: new Uint8Array([0, 255]) },
    { id: 'mine', content: 'from alice' },
  ]);
  await there.storeChunk({ id: 'mine', content: 'my own' });
  /** @type {string[]} */
  const stages = [];
  const report = await here.exportChunks(folder, { onProgress: ({ stage }) => stages.push(stage) });
  assert.deepEqual([report.path, report.chunks, report.skipped], [folder, 3, {}]);
  assert.deepEqual(fs.readdirSync(folder).sort(), [...report.files, 'manifest.json']);
  assert.ok(stages.includes('collect') && stages.includes('write'));

  const merged = await there.importChunks(folder);
  assert.deepEqual(
    [merged.source, merged.trust, merged.imported, merged.kept],
    ['alices-patterns', 0.5, 2, 1],
  );
  const [hit] = await there.searchSimilar('require token', 1, { frameworks: 'hono' });
  assert.deepEqual([hit.id, hit.metadata.source, hit.quality_score], ['guard', 'alices-patterns', 0.4]);
  const [bytes, mine] = await there.getChunks(['bytes', 'mine']);
  assert.deepEqual(bytes?.content, new Uint8Array([0, 255]));
  assert.equal(mine?.content, 'my own');
  assert.equal(
    (await there.exportChunks(path.join(temporaryFolder(t), 'again'))).skipped['imported from others'],
    2,
  );
});

test('what cannot be shared or merged is refused with a remedy', async (t) => {
  const bridge = await openBridge(t);
  const folder = temporaryFolder(t);
  await assert.rejects(bridge.importChunks(folder), { code: 'PATH_NOT_FOUND', message: /exportChunks/ });
  await assert.rejects(bridge.importChunks(folder, { trust: 2 }), {
    code: 'INVALID_ARGUMENT',
    message: /trust/,
  });
  await assert.rejects(bridge.exportChunks(/** @type {any} */ (undefined)), {
    code: 'INVALID_ARGUMENT',
    message: /folder/,
  });
  await assert.rejects(bridge.exportChunks(folder, /** @type {any} */ ({ id_prefx: 'a' })), {
    code: 'UNKNOWN_OPTION',
    message: /id_prefix/,
  });
});
