// @ts-check
'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const { openBridge, runChild, temporaryFolder } = require('./support.js');

/** @typedef {import('fluorite-memory-engine').ChunkInput} ChunkInput */

/** @type {ChunkInput[]} */
const PATTERNS = [
  {
    id: 'prisma-order',
    content: 'export function createOrderBy(field: string) { return { orderBy: { [field]: "asc" } }; }',
    frameworks: ['Prisma', 'Next.js'],
    tags: ['database', 'sort'],
    quality_score: 0.9,
  },
  {
    id: 'hono-auth',
    content: 'app.use("/api/*", bearerAuth({ token: process.env.TOKEN }));',
    frameworks: ['Hono'],
    tags: ['auth', 'middleware'],
    quality_score: 0.8,
  },
  {
    id: 'laravel-auth',
    content: 'Route::middleware("auth:sanctum")->get("/user", fn (Request $request) => $request->user());',
    frameworks: ['Laravel'],
    tags: ['auth'],
    quality_score: 0.6,
  },
  {
    id: 'guide/ログイン',
    content: 'ログイン画面の認証エラーを表示するフォーム。サーバーから受け取ったメッセージを検証して出す。',
    chunk_type: 'guide',
    tags: ['auth', 'フォーム'],
    quality_score: 0.4,
  },
];

/** @param {{id: string}[]} hits */
const ids = (hits) => hits.map((hit) => hit.id);

/** A unit vector of 384 numbers that only its seed decides. @param {number} seed */
function vector(seed) {
  const values = Float32Array.from({ length: 384 }, (_, index) => Math.sin(seed * 1000 + index * (seed + 1)));
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

test('words find chunks without a model: parts of identifiers, ids, tags and Japanese', async (t) => {
  const bridge = await openBridge(t);
  await bridge.storeChunks(PATTERNS);
  /** @type {[string, string][]} */
  const asked = [
    ['createOrderBy', 'prisma-order'],
    ['order by', 'prisma-order'],
    ['bearer auth', 'hono-auth'],
    ['laravel', 'laravel-auth'],
    ['ﾛｸﾞｲﾝ 認証', 'guide/ログイン'],
    ['エラー表示', 'guide/ログイン'],
    ['サーバ', 'guide/ログイン'],
  ];
  for (const [query, expected] of asked) {
    const hits = await bridge.searchSimilar(query, 3);
    assert.equal(hits[0]?.id, expected, query);
    assert.equal(hits.incomplete, null);
  }
  assert.deepEqual(ids(await bridge.searchSimilar('zzzz qqqq')), []);
});

test('a misspelt word finds what the word finds', async (t) => {
  const bridge = await openBridge(t);
  await bridge.storeChunks(
    ['one', 'two', 'three'].map((name) => ({
      id: `${name}-guard`,
      content: `const guard = ${name}Guard()`,
      tags: ['middleware'],
    })),
  );
  const meant = ids(await bridge.searchSimilar('middleware two', 3));
  assert.equal(meant.length, 3);
  for (const typed of ['midleware two', 'MIDDELWARE two']) {
    assert.deepEqual(ids(await bridge.searchSimilar(typed, 3)), meant, typed);
  }
});

test('filters leave only what passes all of them', async (t) => {
  const bridge = await openBridge(t);
  await bridge.storeChunks(PATTERNS);
  const before = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await bridge.storeChunk({ id: 'later', content: 'auth later', tags: ['auth'] });
  const all = ['guide/ログイン', 'hono-auth', 'laravel-auth', 'later'];
  /** @type {[import('fluorite-memory-engine').SearchOptions, string[]][]} */
  const cases = [
    [{}, all],
    [{ frameworks: 'hono' }, ['hono-auth']],
    [{ frameworks: ['HONO', 'laravel'] }, ['hono-auth', 'laravel-auth']],
    [{ tags: { all: ['auth', 'middleware'] } }, ['hono-auth']],
    [{ tags: { any: ['フォーム', 'middleware'] } }, ['guide/ログイン', 'hono-auth']],
    [{ chunk_type: 'guide' }, ['guide/ログイン']],
    [{ chunk_type: ['guide', 'code'], min_quality_score: 0.6 }, ['hono-auth', 'laravel-auth']],
    [{ id_prefix: 'la' }, ['laravel-auth', 'later']],
    [{ updated_after: before }, ['later']],
    [{ updated_after: new Date(before) }, ['later']],
    [{ exclude_ids: ['later', 'hono-auth', 'never stored'] }, ['guide/ログイン', 'laravel-auth']],
    [{ frameworks: 'hono', chunk_type: 'guide' }, []],
    [{ frameworks: 'no such framework' }, []],
  ];
  for (const [options, expected] of cases) {
    const hits = await bridge.searchSimilar('auth 認証', 10, options);
    assert.deepEqual(ids(hits).sort(), expected, JSON.stringify(options));
  }
});

test('vectors, filters and exclusions work together, and a query by vector ranks by cosine', async (t) => {
  const bridge = await openBridge(t);
  const rows = 300;
  const embeddings = new Float32Array(rows * 384);
  for (let row = 0; row < rows; row += 1) embeddings.set(vector(row), row * 384);
  const names = Array.from({ length: rows }, (_, row) => `v${row}`);
  await bridge.storeChunks({
    ids: names,
    contents: names,
    embeddings,
    tags: names.map((_, row) => (row % 100 === 0 ? ['rare', 'any'] : ['any'])),
  });
  const cosine = (/** @type {number} */ row) =>
    vector(7).reduce((sum, value, index) => sum + value * embeddings[row * 384 + index], 0);
  const order = (/** @type {number[]} */ of) =>
    of.sort((a, b) => cosine(b) - cosine(a)).map((row) => `v${row}`);
  const everything = Array.from(names.keys());
  const hits = await bridge.searchSimilar(vector(7), 10);
  assert.deepEqual(ids(hits), order(everything).slice(0, 10));
  assert.ok(hits.every((hit) => Math.abs(hit.score - cosine(Number(hit.id.slice(1)))) < 2e-3));
  const rare = await bridge.searchSimilar(vector(7), 10, { tags: 'rare' });
  assert.deepEqual(ids(rare).sort(), ['v0', 'v100', 'v200']);
  const without = order(everything.filter((row) => row !== 7)).slice(0, 5);
  assert.deepEqual(ids(await bridge.searchSimilar(vector(7), 5, { exclude_ids: ['v7'] })), without);
  assert.deepEqual(ids(await bridge.searchSimilar({ like: 'v7' }, 5)).slice(0, 2), without.slice(0, 2));
});

test('an example finds what is like it, never itself', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  await bridge.storeChunks(PATTERNS);
  const hits = await bridge.searchSimilar({ like: 'laravel-auth' }, 3);
  assert.ok(!ids(hits).includes('laravel-auth'));
  assert.equal(hits[0].id, 'hono-auth');
  await assert.rejects(bridge.searchSimilar({ like: 'nobody' }), {
    code: 'INVALID_ARGUMENT',
    message: /nobody/,
  });
});

test('many queries in one call are answered as each alone', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  await bridge.storeChunks(PATTERNS);
  const queries = [
    'sort by a column',
    'ログインの認証',
    { like: 'hono-auth' },
    await bridge.generateEmbedding('auth'),
  ];
  const together = await bridge.searchMany(queries, 3, { min_quality_score: 0.5 });
  assert.equal(together.length, queries.length);
  for (const [position, query] of queries.entries()) {
    const alone = await bridge.searchSimilar(query, 3, { min_quality_score: 0.5 });
    assert.deepEqual(ids(together[position]), ids(alone));
    assert.ok(
      alone.length > 0 && together[position].every((hit, n) => Math.abs(hit.score - alone[n].score) < 1e-3),
    );
  }
});

test('an explained hit tells the parts of its score and the words that matched', async (t) => {
  const bridge = await openBridge(t, { enable_ml: true });
  await bridge.storeChunks(PATTERNS);
  const [hit] = await bridge.searchSimilar('createOrderBy prisma', 1, { explain: true });
  const explained = /** @type {import('fluorite-memory-engine').Explanation} */ (hit.explanation);
  const { lexical, dense, quality } = explained.parts;
  assert.ok(Math.abs(lexical + dense + quality - hit.score) < 1e-3);
  assert.equal(explained.quality_score, 0.9);
  assert.ok(explained.lexical !== null && explained.lexical.share > 0 && explained.lexical.share <= 1);
  assert.ok(explained.lexical.matched_terms.includes('prisma'));
  assert.ok(explained.cosine !== null && explained.cosine > 0);
  const [plain] = await bridge.searchSimilar('createOrderBy prisma', 1);
  assert.equal(plain.explanation, undefined);
  const [weighted] = await bridge.searchSimilar('createOrderBy prisma', 1, {
    explain: true,
    weights: { dense: 0, quality: 0 },
  });
  assert.deepEqual([weighted.explanation?.parts.dense, weighted.explanation?.parts.quality], [0, 0]);
});

test('near-identical chunks are one hit with a count, unless folding is off', async (t) => {
  const bridge = await openBridge(t);
  const stub = (/** @type {number} */ n) => ({
    id: `fetch-json-${n}`,
    content: `export async function fetchJson(url) {${' '.repeat(n)}const response = await fetch(url);\n${' '.repeat(n)}return response.json();\n}`,
  });
  await bridge.storeChunks([
    ...Array.from({ length: 8 }, (_, n) => stub(n)),
    {
      id: 'other',
      content: 'export const fetchWithRetry = (url, times) => retry(() => fetch(url), { times });',
    },
  ]);
  const folded = await bridge.searchSimilar('fetch json', 5);
  assert.deepEqual([folded.length, folded[0].variants, folded[1].id], [2, 7, 'other']);
  const unfolded = await bridge.searchSimilar('fetch json', 5, { fold: false });
  assert.equal(unfolded.length, 5);
  assert.ok(unfolded.every((hit) => hit.variants === 0));
});

test('the very next search knows what was stored or deleted, here, in a worker and in a process', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { memory_path });
  await bridge.storeChunk({ id: 'parent', content: 'from the parent' });
  for (let n = 0; n < 20; n += 1) {
    await bridge.storeChunk({ id: `fresh-${n}`, content: `freshly stored marker${n}` });
    assert.deepEqual(ids(await bridge.searchSimilar(`marker${n}`, 1)), [`fresh-${n}`]);
    await bridge.deleteChunk(`fresh-${n}`);
    assert.deepEqual(ids(await bridge.searchSimilar(`marker${n}`, 1)), []);
  }
  const child = await runChild('store_one.js', [memory_path, 'child', 'parent']);
  assert.equal(child.code, 0, child.stderr);
  assert.deepEqual(ids(await bridge.searchSimilar('store_one', 1)), ['child']);
  const worker = new Worker(path.join(__dirname, 'children', 'store_one.js'), {
    argv: [memory_path, 'worker', 'parent'],
    stdout: true,
  });
  await once(worker, 'exit');
  assert.deepEqual(ids(await bridge.searchSimilar('store_one', 2, { fold: false })).sort(), [
    'child',
    'worker',
  ]);
});

test('index files that are damaged or missing are made again, with the same answers', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const first = await openBridge(t, { memory_path });
  const names = Array.from({ length: 600 }, (_, n) => `chunk-${n}`);
  const contents = names.map((name, n) => `function handler${n}() { return "${name}"; } // auth${n % 7}`);
  const embeddings = new Float32Array(names.length * 384);
  for (const n of names.keys()) embeddings.set(vector(n), n * 384);
  await first.storeChunks({ ids: names, contents, embeddings });
  const ask = async (/** @type {typeof first} */ bridge) => [
    ids(await bridge.searchSimilar('handler77', 3)),
    ids(await bridge.searchSimilar(vector(5), 5)),
    ids(await bridge.searchSimilar('auth3', 5, { id_prefix: 'chunk-3' })),
  ];
  const expected = await ask(first);
  await first.shutdown();
  const files = fs
    .readdirSync(path.join(memory_path, 'index'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && fs.statSync(path.join(entry.parentPath, entry.name)).size > 0)
    .map((entry) => path.join(entry.parentPath, entry.name));
  assert.ok(files.length > 3, 'nothing was saved');
  /** @type {[string, (file: string) => void][]} */
  const damages = [
    ['cut short', (file) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2))],
    ['overwritten', (file) => fs.writeFileSync(file, 'not an index')],
    ['removed', (file) => fs.rmSync(file, { force: true })],
  ];
  for (const [name, damage] of damages) {
    for (const file of files) if (fs.existsSync(file)) damage(file);
    const bridge = await openBridge(t, { memory_path });
    assert.deepEqual(await ask(bridge), expected, name);
    await bridge.shutdown();
  }
});

test('another model has everything embedded anew, and until then the one before answers', async (t) => {
  const folder = temporaryFolder(t);
  const memory_path = path.join(folder, 'memory');
  const config_path = path.join(folder, 'fluorite.toml');
  fs.writeFileSync(config_path, '[ml]\nprecision = "fp32"\n');
  const before = await openBridge(t, { memory_path, enable_ml: true });
  const filler = Array.from({ length: 300 }, (_, n) => ({
    id: `filler-${n}`,
    content: `unrelated note number ${n}`,
  }));
  await before.storeChunks([...PATTERNS, ...filler]);
  const expected = (await before.searchSimilar('sort rows by a column', 1))[0].id;
  const { model_id } = (await before.getMetrics()).embedding;
  await before.shutdown();

  const after = await openBridge(t, { memory_path, enable_ml: true, config_path });
  const during = await after.searchSimilar('sort rows by a column', 1);
  assert.equal(during[0].id, expected);
  let metrics = await after.getMetrics();
  while (metrics.index.vectors?.pending) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    metrics = await after.getMetrics();
  }
  assert.notEqual(metrics.embedding.model_id, model_id);
  const found = await after.searchSimilar('sort rows by a column', 1);
  assert.equal(found[0].id, expected);
  assert.equal(found.incomplete, null);
});
