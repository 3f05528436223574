// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { openBridge, temporaryFolder } = require('./support.js');

/** Writes files below a new folder. @param {any} t @param {Record<string, string>} files */
function folderOf(t, files) {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  return folder;
}

test('documents are found by their headings, with code and prose together, and followed', async (t) => {
  const bridge = await openBridge(t);
  const folder = folderOf(t, {
    'guide.md':
      '# Hono guide\n\n## Signing in\n\nProtect a route with a token:\n\n```ts\napp.use(bearerAuth({ token }));\n```\n',
    'ja/手引き.md': '# 手引き\n\n## ページネーション\n\nカーソルで次のページを取得します。\n',
    'broken.yaml': 'id: x\n  name: [unclosed\n',
  });
  const report = await bridge.learnFromDocuments({ path: folder });
  assert.deepEqual([report.processed, report.new], [3, 3]);
  assert.deepEqual(
    report.malformed.map(({ file }) => file),
    ['broken.yaml'],
  );
  const [hit] = await bridge.searchSimilar('sign in with a token', 1);
  assert.match(String(hit.content), /Protect a route[\s\S]*bearerAuth/);
  assert.match((await bridge.searchSimilar('ページネーション', 1))[0].id, /手引き/);
  assert.deepEqual((await bridge.learnFromDocuments({ path: folder })).chunks_stored, 0);
  fs.rmSync(path.join(folder, 'guide.md'));
  const again = await bridge.learnFromDocuments({ path: folder });
  assert.ok(again.removed === 1 && again.chunks_removed > 0);
  assert.equal((await bridge.searchSimilar('bearerAuth', 1)).length, 0);
});

test('code is learned by its syntax, and neither ignored files nor secrets are stored', async (t) => {
  const bridge = await openBridge(t);
  const secret = ['AKIA', 'Q7RZ4MX2WLTN8VKJ'].join('');
  const folder = folderOf(t, {
    'package.json': '{ "dependencies": { "hono": "4" } }',
    '.gitignore': 'private/\n',
    'src/orders.ts':
      'import { Hono } from "hono";\n\nexport async function listOrders(db: Db): Promise<Order[]> {\n  return await db.select().from(orders).limit(20);\n}\n',
    'src/keys.ts': `export const awsAccessKeyId = "${secret}";\n`,
    'private/notes.ts': 'export const hidden = () => "never stored";\n',
    'node_modules/x/index.js': 'module.exports = () => "vendored";\n',
  });
  const report = await bridge.learnFromCode({ path: folder });
  assert.deepEqual(
    report.secrets.map(({ file, line }) => [file, line]),
    [['src/keys.ts', 1]],
  );
  assert.ok(!JSON.stringify(report).includes(secret));
  const [hit] = await bridge.searchSimilar('list orders', 1);
  assert.match(hit.id, /orders\.ts/);
  assert.ok(hit.frameworks.includes('hono'));
  const { chunks } = await bridge.listChunks({ limit: 100 });
  for (const chunk of chunks) {
    assert.doesNotMatch(`${chunk.id} ${chunk.content}`, new RegExp(`${secret}|never stored|vendored`));
  }
});

test('a folder that is not there is named', async (t) => {
  const bridge = await openBridge(t);
  await assert.rejects(bridge.learnFromCode({ path: '/no/such/folder' }), {
    code: 'PATH_NOT_FOUND',
    message: /no\/such\/folder/,
  });
  await assert.rejects(bridge.learnFromDocuments(/** @type {any} */ ({})), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(/** @type {any} */ (bridge).learnFromCode(), {
    code: 'INVALID_ARGUMENT',
    message: /path/,
  });
});
