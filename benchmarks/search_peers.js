// @ts-check

/** The peers of benchmarks/search.js. Each is built in one process, from the file of vectors, and serves in another. */

const fs = require('node:fs');
const path = require('node:path');
const { DIMENSIONS } = require('./data.js');
const { resident } = require('./search_child.js');
const { readVectors } = require('./search_corpus.js');
const { LIMIT, PASSES, WARM_UP, recall } = require('./search_serve.js');
const { quantile } = require('./support.js');

const PAGE = 20_000;
const PASSES_SECONDS = 20;

// Without it LanceDB warns of each index that its statistics will change.
process.env.LANCE_INCLUDE_VECTOR_CENTROIDS ??= 'false';

/**
 * @typedef {(query: Float32Array) => number[] | Promise<number[]>} Search rows of the nearest
 * @typedef {Iterable<{start: number, vectors: Float32Array}>} Pages
 * @typedef {object} Peer
 * @property {string} needs package
 * @property {string} settings
 * @property {(place: string, pages: Pages, rows: number) => Promise<void>} build leaves what `open` reads at `place`
 * @property {(place: string, rows: number) => Promise<Search>} open
 */

/** @param {Float32Array} vectors @param {number} row */
const rowOf = (vectors, row) => vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);

/** @returns {Peer} */
function sqliteVec() {
  const connect = (/** @type {string} */ place) => {
    const Database = require('better-sqlite3');
    const database = new Database(place);
    require('sqlite-vec').load(database);
    return database;
  };
  return {
    needs: 'sqlite-vec',
    settings: 'vec0 with cosine distance, through better-sqlite3; exact',
    async build(place, pages) {
      const database = connect(place);
      database.exec(
        `create virtual table chunk using vec0(embedding float[${DIMENSIONS}] distance_metric=cosine)`,
      );
      const insert = database.prepare('insert into chunk (rowid, embedding) values (?, ?)');
      const page = database.transaction(
        (/** @type {number} */ start, /** @type {Float32Array} */ vectors) => {
          for (let row = 0; row * DIMENSIONS < vectors.length; row++) {
            insert.run(BigInt(start + row), rowOf(vectors, row));
          }
        },
      );
      for (const { start, vectors } of pages) page(start, vectors);
      database.close();
    },
    async open(place) {
      const search = connect(place)
        .prepare('select rowid from chunk where embedding match ? and k = ?')
        .pluck();
      return (query) => /** @type {number[]} */ (search.all(query, LIMIT));
    },
  };
}

/**
 * @param {object} tuning
 * @param {string} tuning.settings
 * @param {object} [tuning.index] options of Index.ivfPq; no index without
 * @param {(query: import('@lancedb/lancedb').VectorQuery) => import('@lancedb/lancedb').VectorQuery} [tuning.query]
 * @returns {Peer}
 */
function lance({ settings, index, query: tune = (query) => query }) {
  return {
    needs: '@lancedb/lancedb',
    settings,
    async build(place, pages, rows) {
      const { Index, connect } = require('@lancedb/lancedb');
      const arrow = require('apache-arrow');
      const list = new arrow.FixedSizeList(DIMENSIONS, new arrow.Field('item', new arrow.Float32()));
      const schema = new arrow.Schema([
        new arrow.Field('row', new arrow.Int32()),
        new arrow.Field('vector', list),
      ]);
      const database = await connect(place);
      const table = await database.createEmptyTable('chunks', schema);
      for (const { start, vectors } of pages) {
        const count = vectors.length / DIMENSIONS;
        const numbers = Int32Array.from({ length: count }, (_, row) => start + row);
        const column = { type: new arrow.Int32(), length: count, nullCount: 0, data: numbers };
        const items = { type: new arrow.Float32(), length: vectors.length, nullCount: 0, data: vectors };
        const lists = arrow.makeData({
          type: list,
          length: count,
          nullCount: 0,
          child: arrow.makeData(items),
        });
        const children = [arrow.makeData(column), lists];
        const struct = new arrow.Struct(schema.fields);
        const data = arrow.makeData({ type: struct, length: count, nullCount: 0, children });
        await table.add(new arrow.Table([new arrow.RecordBatch(schema, data)]));
      }
      if (index) {
        await table.createIndex('vector', { config: Index.ivfPq({ distanceType: 'cosine', ...index }) });
        const [{ name }] = await table.listIndices();
        await table.waitForIndex([name], 3600);
      }
      if ((await table.countRows()) !== rows) throw new Error('LanceDB holds another number of rows');
    },
    async open(place) {
      const table = await (await require('@lancedb/lancedb').connect(place)).openTable('chunks');
      return async (query) => {
        const search = /** @type {import('@lancedb/lancedb').VectorQuery} */ (table.search(query));
        const found = await tune(search.distanceType('cosine'))
          .select(['row', '_distance'])
          .limit(LIMIT)
          .toArray();
        return found.map(({ row }) => row);
      };
    },
  };
}

/** @param {import('usearch').ScalarKind} quantization @returns {Peer} */
function usearch(quantization) {
  const create = () => {
    const { Index, MetricKind } = require('usearch');
    return new Index(DIMENSIONS, MetricKind.Cos, quantization);
  };
  return {
    needs: 'usearch',
    settings: `HNSW, cosine, ${quantization}, the rest at its defaults; one search on one thread`,
    async build(place, pages) {
      const index = create();
      for (const { start, vectors } of pages) {
        const count = vectors.length / DIMENSIONS;
        index.add(
          BigUint64Array.from({ length: count }, (_, row) => BigInt(start + row)),
          vectors,
          0,
        );
      }
      index.save(place);
    },
    async open(place) {
      const index = create();
      index.load(place);
      return (query) => Array.from(index.search(query, LIMIT, 1).keys, Number);
    },
  };
}

/** @returns {Peer} */
function hnswlib() {
  const create = () => new (require('hnswlib-node').HierarchicalNSW)('cosine', DIMENSIONS);
  return {
    needs: 'hnswlib-node',
    settings: 'HNSW, cosine, M 16, efConstruction 200, ef 10: its defaults',
    async build(place, pages, rows) {
      const index = create();
      index.initIndex(rows);
      for (const { start, vectors } of pages) {
        for (let row = 0; row * DIMENSIONS < vectors.length; row++) {
          index.addPoint([...rowOf(vectors, row)], start + row);
        }
      }
      index.writeIndexSync(place);
    },
    async open(place) {
      const index = create();
      index.readIndexSync(place);
      return (query) => index.searchKnn([...query], LIMIT).neighbors;
    },
  };
}

/** @type {Record<string, Peer>} */
const PEERS = {
  'sqlite-vec': sqliteVec(),
  'lancedb-flat': lance({ settings: 'no index: exact' }),
  'lancedb-ivfpq': lance({ settings: 'IVF-PQ, cosine, its defaults', index: {} }),
  'lancedb-ivfpq-tuned': lance({
    settings: 'IVF-PQ, cosine, 96 sub-vectors, nprobes 50, refineFactor 10',
    index: { numSubVectors: 96 },
    query: (query) => query.nprobes(50).refineFactor(10),
  }),
  usearch: usearch(/** @type {any} */ ('f32')),
  'usearch-i8': usearch(/** @type {any} */ ('i8')),
  'hnswlib-node': hnswlib(),
};

/** @param {string} name @returns {boolean} */
function isInstalled(name) {
  try {
    require(PEERS[name].needs);
    if (PEERS[name].needs === 'sqlite-vec') require('better-sqlite3');
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {{folder: string, rows: number, name: string}} request
 * @param {(text: string) => void} progress
 * @returns {Promise<number>} seconds, the reading of the vectors' file left out
 */
async function build({ folder, rows, name }, progress) {
  const file = fs.openSync(path.join(folder, 'vectors.f32'), 'r');
  const started = performance.now();
  let reading = 0;
  function* pages() {
    for (let start = 0; start < rows; start += PAGE) {
      progress(`${name}: ${start} of ${rows} vectors`);
      const before = performance.now();
      const vectors = readVectors(file, start, Math.min(start + PAGE, rows));
      reading += performance.now() - before;
      yield { start, vectors };
    }
  }
  await PEERS[name].build(path.join(folder, 'peer'), pages(), rows);
  return (performance.now() - started - reading) / 1000;
}

/** @param {{base: string, folder: string, rows: number, name: string, queries: string[]}} request */
async function serve({ base, folder, rows, name, queries }) {
  const vectors = readVectors(fs.openSync(path.join(base, 'queries.f32'), 'r'), 0, queries.length);
  const stored = fs.openSync(path.join(folder, 'vectors.f32'), 'r');
  const exact = JSON.parse(fs.readFileSync(path.join(folder, 'exact.json'), 'utf8')).none;
  const opening = performance.now();
  const search = await PEERS[name].open(path.join(folder, 'peer'), rows);
  await search(rowOf(vectors, 0));
  const openSeconds = (performance.now() - opening) / 1000;
  for (let query = 0; query < Math.min(WARM_UP, queries.length); query++) await search(rowOf(vectors, query));
  /** @type {number[]} */
  const taken = [];
  /** @type {number[]} */
  const recalls = [];
  const began = performance.now();
  for (let pass = 0; pass < PASSES; pass++) {
    if (pass > 0 && performance.now() - began > PASSES_SECONDS * 1000) break;
    for (let query = 0; query < queries.length; query++) {
      const started = performance.now();
      const found = await search(rowOf(vectors, query));
      taken.push(performance.now() - started);
      if (pass === 0) recalls.push(recall(found, exact[query], rowOf(vectors, query), rows, stored));
    }
  }
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(taken, share));
  const mean = recalls.reduce((sum, one) => sum + one, 0) / recalls.length;
  return {
    calls: taken.length,
    p50,
    p95,
    p99,
    recall: mean,
    open_seconds: openSeconds,
    resident: resident(),
  };
}

module.exports = { PEERS, build, isInstalled, serve };
