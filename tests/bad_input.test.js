// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { FluoriteBridge, FluoriteError } = require('fluorite-memory-engine');
const { openBridge, temporaryFolder } = require('./support.js');

/** @param {any} value @returns {any} */
const wrong = (value) => value;

/** @type {[string, (bridge: FluoriteBridge) => Promise<unknown>, string, RegExp][]} */
const cases = [
  [
    'an id that is missing',
    (b) => b.storeChunk(wrong({ content: 'x' })),
    'INVALID_ARGUMENT',
    /id is missing/,
  ],
  ['a chunk that is text', (b) => b.storeChunk(wrong('x')), 'INVALID_ARGUMENT', /object with id and content/],
  [
    'content of a wrong type',
    (b) => b.storeChunk(wrong({ id: 'a', content: 5 })),
    'INVALID_ARGUMENT',
    /content is int/,
  ],
  [
    'content above the limit',
    (b) => b.storeChunk({ id: 'a', content: 'x'.repeat(1_048_577) }),
    'CHUNK_TOO_LARGE',
    /1,048,577 bytes.*max_chunk_size/,
  ],
  [
    'half a surrogate pair',
    (b) => b.storeChunk({ id: 'a', content: 'x\ud800' }),
    'INVALID_ARGUMENT',
    /chunk\.content.*surrogate/,
  ],
  [
    'a function in metadata',
    (b) => b.storeChunk(wrong({ id: 'a', content: '', metadata: { f() {} } })),
    'INVALID_ARGUMENT',
    /metadata\.f is a function/,
  ],
  [
    'a date in metadata',
    (b) => b.storeChunk(wrong({ id: 'a', content: '', metadata: { at: new Date() } })),
    'INVALID_ARGUMENT',
    /metadata\.at is a Date/,
  ],
  [
    'a cycle in metadata',
    (b) => b.storeChunk({ id: 'a', content: '', metadata: cyclic() }),
    'INVALID_ARGUMENT',
    /cycle/,
  ],
  [
    'NaN in metadata',
    (b) => b.storeChunk({ id: 'a', content: '', metadata: { n: Number.NaN } }),
    'INVALID_ARGUMENT',
    /metadata\.n is nan/,
  ],
  [
    'an unknown field',
    (b) => b.storeChunk(wrong({ id: 'a', content: '', framework: [] })),
    'UNKNOWN_OPTION',
    /Did you mean 'frameworks'/,
  ],
  [
    'a quality above one',
    (b) => b.storeChunk({ id: 'a', content: '', quality_score: 2 }),
    'INVALID_ARGUMENT',
    /from 0 to 1/,
  ],
  [
    'a vector of a wrong length',
    (b) => b.storeChunk({ id: 'a', content: '', embedding: new Float32Array(3) }),
    'DIMENSION_MISMATCH',
    /3 numbers.*384/,
  ],
  [
    'a vector with NaN',
    (b) => b.storeChunk({ id: 'a', content: '', embedding: new Float32Array(384).fill(Number.NaN) }),
    'NOT_FINITE',
    /NaN/,
  ],
  [
    'a vector of zeros',
    (b) => b.storeChunk({ id: 'a', content: '', embedding: new Float32Array(384) }),
    'NOT_FINITE',
    /zeros/,
  ],
  [
    'a vector of another type',
    (b) => b.storeChunk(wrong({ id: 'a', content: '', embedding: new Int8Array(384) })),
    'INVALID_ARGUMENT',
    /Int8Array/,
  ],
  [
    'shared memory',
    (b) => b.storeChunk({ id: 'a', content: new Uint8Array(new SharedArrayBuffer(8)) }),
    'INVALID_ARGUMENT',
    /shared between threads.*Copy/,
  ],
  [
    'a resizable buffer',
    (b) =>
      b.storeChunk({
        id: 'a',
        content: new Uint8Array(new /** @type {any} */ (ArrayBuffer)(8, { maxByteLength: 16 })),
      }),
    'INVALID_ARGUMENT',
    /resizable.*slice/,
  ],
  ['chunks that are a number', (b) => b.storeChunks(wrong(3)), 'INVALID_ARGUMENT', /list of chunks/],
  [
    'columns of unequal length',
    (b) => b.storeChunks({ ids: ['a', 'b'], contents: ['x', 'y'], tags: [[]] }),
    'INVALID_ARGUMENT',
    /tags has 1 entries and ids has 2/,
  ],
  [
    'an unknown column',
    (b) => b.storeChunks(wrong({ ids: ['a'], contents: ['x'], quality: [1] })),
    'UNKNOWN_OPTION',
    /quality_scores/,
  ],
  [
    'embeddings of a wrong size',
    (b) => b.storeChunks({ ids: ['a'], contents: ['x'], embeddings: new Float32Array(10) }),
    'INVALID_ARGUMENT',
    /1 × 384/,
  ],
  ['ids that are text', (b) => b.getChunks(wrong('abc')), 'INVALID_ARGUMENT', /ids is str/],
  ['an empty id', (b) => b.getChunk(''), 'INVALID_ARGUMENT', /id is empty/],
  [
    'an unknown option of a listing',
    (b) => b.listChunks(wrong({ framwork: 'x' })),
    'UNKNOWN_OPTION',
    /listChunks 'framwork'. Did you mean 'framework'/,
  ],
  ['a listing of none', (b) => b.listChunks({ limit: 0 }), 'INVALID_ARGUMENT', /limit is 0/],
  ['a listing of a fraction', (b) => b.listChunks({ limit: 1.5 }), 'INVALID_ARGUMENT', /limit is 1.5/],
  ['a cursor from elsewhere', (b) => b.listChunks({ cursor: 'zzz' }), 'INVALID_ARGUMENT', /cursor 'zzz'/],
  [
    'a query vector of a wrong length',
    (b) => b.searchSimilar(new Float32Array(7)),
    'DIMENSION_MISMATCH',
    /query vector has 7/,
  ],
  ['a query that is a number', (b) => b.searchSimilar(wrong(7)), 'INVALID_ARGUMENT', /query is 7.*like: id/],
  ['a query of an unknown kind', (b) => b.searchSimilar(wrong({ near: 'a' })), 'UNKNOWN_OPTION', /like/],
  ['an example that is not stored', (b) => b.searchSimilar({ like: 'nobody' }), 'INVALID_ARGUMENT', /nobody/],
  ['one wrong query of many', (b) => b.searchMany(['fine', wrong(null)]), 'INVALID_ARGUMENT', /queries\[1\]/],
  ['many queries that are no list', (b) => b.searchMany(wrong('x')), 'INVALID_ARGUMENT', /queries is str/],
  [
    'an unknown option of a search',
    (b) => b.searchSimilar(new Float32Array(384).fill(1), 5, wrong({ minscore: 1 })),
    'UNKNOWN_OPTION',
    /min_score/,
  ],
  [
    'a score that no hit has',
    (b) => b.searchSimilar(new Float32Array(384).fill(1), 5, { min_score: 7 }),
    'INVALID_ARGUMENT',
    /score from -1 to 1/,
  ],
  [
    'a filter of a wrong type',
    (b) => b.searchSimilar('x', 5, { tags: wrong([1]) }),
    'INVALID_ARGUMENT',
    /tags/,
  ],
  [
    'a label filter of an unknown kind',
    (b) => b.searchSimilar('x', 5, { frameworks: wrong({ al: ['hono'] }) }),
    'UNKNOWN_OPTION',
    /'all'/,
  ],
  [
    'a time that is none',
    (b) => b.searchSimilar('x', 5, { updated_after: 'yesterday' }),
    'INVALID_ARGUMENT',
    /updated_after/,
  ],
  [
    'a date that is none',
    (b) => b.searchSimilar('x', 5, { updated_after: new Date('never') }),
    'INVALID_ARGUMENT',
    /updated_after/,
  ],
  [
    'a quality above one',
    (b) => b.searchSimilar('x', 5, { min_quality_score: 2 }),
    'INVALID_ARGUMENT',
    /min_quality_score/,
  ],
  [
    'a weight that is negative',
    (b) => b.searchSimilar('x', 5, { weights: { dense: -1 } }),
    'INVALID_ARGUMENT',
    /weights\.dense/,
  ],
  [
    'an unknown weight',
    (b) => b.searchSimilar('x', 5, { weights: wrong({ lexica: 1 }) }),
    'UNKNOWN_OPTION',
    /lexical/,
  ],
  ['an embedding without a model', (b) => b.generateEmbedding('x'), 'ML_DISABLED', /enable_ml/],
  [
    'templates from nowhere',
    (b) => b.learnFromSpikes({ path: '/no/such/folder' }),
    'PATH_NOT_FOUND',
    /no\/such\/folder/,
  ],
  ['templates without a folder', (b) => b.learnFromSpikes(), 'INVALID_ARGUMENT', /spike_templates_path/],
  ['templates from a file', (b) => b.learnFromSpikes({ path: __filename }), 'INVALID_ARGUMENT', /is a file/],
  [
    'a signal that is none',
    (b) => b.learnFromSpikes(wrong({ signal: {} })),
    'INVALID_ARGUMENT',
    /AbortSignal/,
  ],
  [
    'progress that is no function',
    (b) => b.learnFromSpikes(wrong({ onProgress: 1 })),
    'INVALID_ARGUMENT',
    /onProgress/,
  ],
  ['a ping of a negative size', (b) => b.ping({ receive_bytes: -1 }), 'INVALID_ARGUMENT', /receive_bytes/],
];

function cyclic() {
  /** @type {any} */
  const value = {};
  value.self = value;
  return value;
}

test('every bad input gets one error that names the thing, and what is stored stays', async (t) => {
  const bridge = await openBridge(t);
  await bridge.storeChunk({ id: 'kept', content: 'kept' });
  for (const [name, call, code, message] of cases) {
    await t.test(name, async () => {
      await assert.rejects(call(bridge), (/** @type {any} */ error) => {
        assert.ok(error instanceof FluoriteError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        return true;
      });
    });
  }
  const metrics = await bridge.getMetrics();
  assert.equal(metrics.chunks, 1);
  assert.equal((await bridge.getChunk('kept'))?.content, 'kept');
});

test('a wrong configuration is refused before anything is made', async (t) => {
  const folder = temporaryFolder(t);
  const memory_path = path.join(folder, 'memory');
  const config_path = path.join(folder, 'fluorite.toml');
  fs.writeFileSync(config_path, '[memory]\ncache_size = 1\n');
  /** @type {[any, string, RegExp][]} */
  const configurations = [
    [undefined, 'INVALID_ARGUMENT', /takes an object/],
    [{}, 'INVALID_ARGUMENT', /memory_path/],
    [{ memory_path, memory: 1 }, 'UNKNOWN_OPTION', /Did you mean 'memory_path'/],
    [{ memory_path, batch_size: 0 }, 'INVALID_ARGUMENT', /batch_size is 0/],
    [{ memory_path, enable_ml: 'yes' }, 'INVALID_ARGUMENT', /enable_ml is 'yes'.*true or false/],
    [{ memory_path, cache_size_mb: -5 }, 'INVALID_ARGUMENT', /cache_size_mb is -5/],
    [{ memory_path, target_frameworks: 'hono' }, 'INVALID_ARGUMENT', /target_frameworks.*list of names/],
    [{ memory_path, config_path }, 'INVALID_CONFIGURATION', /fluorite\.toml.*'cache_size'.*'cache_size_mb'/],
    [{ memory_path, config_path: `${config_path}x` }, 'PATH_NOT_FOUND', /fluorite\.tomlx/],
  ];
  for (const [options, code, message] of configurations) {
    const bridge = new FluoriteBridge();
    await assert.rejects(bridge.initialize(options), (/** @type {any} */ error) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.equal(fs.existsSync(memory_path), false);
});

test('a memory_path that is a file, or not writable, is named', async (t) => {
  const file = path.join(temporaryFolder(t), 'file');
  fs.writeFileSync(file, 'x');
  await assert.rejects(new FluoriteBridge().initialize({ memory_path: file }), (/** @type {any} */ error) => {
    assert.equal(error.code, 'STORE_ERROR');
    assert.ok(error.message.includes(file));
    return true;
  });
});

test('a damaged data file is named and left untouched', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  fs.mkdirSync(path.join(memory_path, 'chunks'), { recursive: true });
  const data = path.join(memory_path, 'chunks', 'data.mdb');
  fs.writeFileSync(data, 'not a database'.repeat(1000));
  await assert.rejects(new FluoriteBridge().initialize({ memory_path }), { code: 'STORE_DAMAGED' });
  assert.ok(fs.readFileSync(data, 'utf8').startsWith('not a database'));
});

test('a bridge that was not initialized, or twice, says so', async (t) => {
  await assert.rejects(new FluoriteBridge().getChunk('a'), { code: 'NOT_INITIALIZED' });
  const bridge = await openBridge(t);
  await assert.rejects(bridge.initialize({ memory_path: '.' }), { code: 'ALREADY_INITIALIZED' });
});

test('an error from Python carries its code, type and traceback', async (t) => {
  const bridge = await openBridge(t);
  await assert.rejects(bridge.getChunk(''), (/** @type {any} */ error) => {
    assert.equal(error.name, 'FluoriteError');
    assert.equal(error.pythonType, 'InvalidArgument');
    assert.match(error.traceback, /Traceback[\s\S]*chunk\.py[\s\S]*InvalidArgument/);
    return true;
  });
});
