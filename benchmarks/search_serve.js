// @ts-check

const { fork } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { DIMENSIONS } = require('./data.js');
const { resident } = require('./search_child.js');
const { readVectors } = require('./search_corpus.js');
const { quantile } = require('./support.js');

const LIMIT = 10;
const WARM_UP = 20;
const PASSES = 3;
const PASSES_SECONDS = 20;
const PROBE_EVERY = 20;
const SAME = 0.9999;
const TIE = 1e-6;
const ENDINGS = ['', '.', '?', '!'];

/**
 * @typedef {{base: string, folder: string, rows: number, queries: string[], filters: import('./search_corpus.js').Filter[]}} Request
 * @typedef {{rows: number[], cosines: number[]}} Exact
 * @typedef {{kind: 'text' | 'vector', filter: string, while: string, calls: number, p50: number, p95: number, p99: number, recall: number | null}} Series
 */

/**
 * Milliseconds from before require to the first answer.
 * @param {Request & {kind: 'text' | 'vector'}} request
 */
async function open({ base, folder, kind, queries }) {
  const vector = readVectors(fs.openSync(path.join(base, 'queries.f32'), 'r'), 0, 1);
  const started = performance.now();
  const { FluoriteBridge } = require('..');
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(folder, 'memory') });
  const hits = await bridge.searchSimilar(kind === 'text' ? queries[0] : vector, LIMIT);
  const milliseconds = performance.now() - started;
  if (hits.length === 0) throw new Error(`the first search by ${kind} found nothing`);
  await bridge.shutdown();
  return milliseconds;
}

/**
 * Every series of queries, one call at a time, first alone and then while a process beside writes.
 * @param {Request & {writes: number}} request
 * @param {(text: string) => void} progress
 */
async function serve({ base, folder, rows, queries, filters, writes }, progress) {
  const { FluoriteBridge } = require('..');
  const vectors = readVectors(fs.openSync(path.join(base, 'queries.f32'), 'r'), 0, queries.length);
  const stored = fs.openSync(path.join(folder, 'vectors.f32'), 'r');
  /** @type {Record<string, Exact[]>} */
  const exact = JSON.parse(fs.readFileSync(path.join(folder, 'exact.json'), 'utf8'));
  const vectorOf = (/** @type {number} */ query) =>
    vectors.subarray(query * DIMENSIONS, (query + 1) * DIMENSIONS);
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(folder, 'memory') });

  let round = 0;
  /** @param {'text' | 'vector'} kind @param {string} name @param {object[]} options @param {Writer} [writer] */
  async function measure(kind, name, options, writer) {
    progress(`${kind} queries, filter ${name}${writer ? ', while a writer stores' : ''}`);
    const ending = ENDINGS[round % 4] + ENDINGS[(round >> 2) % 4] + ENDINGS[round >> 4];
    round += 1;
    // The engine keeps the vectors of texts it has embedded: a text that is to be embedded must be a new one.
    const wanted = (/** @type {number} */ query) =>
      kind === 'text' ? queries[query] + ending : vectorOf(query);
    const call = (/** @type {number} */ query) => bridge.searchSimilar(wanted(query), LIMIT, options[query]);
    for (let query = 0; query < Math.min(WARM_UP, queries.length); query++) {
      if (kind === 'vector') await call(query);
      else await bridge.searchSimilar(`${queries[query]} ${round}`, LIMIT, options[query]);
    }
    /** @type {number[]} */
    const taken = [];
    /** @type {number[]} */
    const recalls = [];
    const began = performance.now();
    for (let pass = 0; pass < (kind === 'vector' ? PASSES : 1); pass++) {
      if (pass > 0 && performance.now() - began > PASSES_SECONDS * 1000) break;
      for (let query = 0; query < queries.length; query++) {
        const started = performance.now();
        const hits = await call(query);
        taken.push(performance.now() - started);
        if (kind === 'vector' && pass === 0) {
          const found = hits.map(({ metadata }) => Number(metadata.row));
          recalls.push(recall(found, exact[name][query], vectorOf(query), rows, stored));
        }
        if (writer && query % PROBE_EVERY === 0) await writer.probe(bridge, stored);
      }
    }
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(taken, share));
    const mean = recalls.reduce((sum, one) => sum + one, 0) / recalls.length;
    /** @type {Series} */
    const series = {
      kind,
      filter: name,
      while: writer ? 'storing' : 'alone',
      calls: taken.length,
      p50,
      p95,
      p99,
      recall: kind === 'vector' ? mean : null,
    };
    return series;
  }

  /** @param {Writer} [writer] */
  async function all(writer) {
    const series = [];
    for (const kind of /** @type {const} */ (['vector', 'text'])) {
      series.push(await measure(kind, 'none', [], writer));
      for (const { name, options } of filters) series.push(await measure(kind, name, options, writer));
    }
    return series;
  }
  const series = await all();
  const alone = resident();
  const writer = new Writer({ base, folder, rows, writes });
  await writer.started;
  series.push(...(await all(writer)));
  const storing = resident();
  const written = await writer.stop();
  const { index, cache, embedding } = await bridge.getMetrics();
  await bridge.shutdown();
  return {
    series,
    resident: { alone, storing },
    written,
    metrics: { index, cache, embedding: embedding.cache },
  };
}

/**
 * The share of the exact nearest that is found. Equal ones stand in for each other, and hits that the writer stored
 * meanwhile, which the exact search does not know, shorten both lists.
 * @param {number[]} found rows
 * @param {Exact} exact
 * @param {Float32Array} query
 * @param {number} rows
 * @param {number} file
 */
function recall(found, exact, query, rows, file) {
  const known = found.filter((row) => row < rows);
  const most = Math.min(exact.rows.length, LIMIT - (found.length - known.length));
  if (most === 0) return 1;
  const nearest = new Set(exact.rows.slice(0, most));
  const least = exact.cosines[most - 1] - TIE;
  const right = known.filter(
    (row) => nearest.has(row) || cosine(query, readVectors(file, row, row + 1)) >= least,
  );
  return Math.min(right.length, most) / most;
}

/** @param {Float32Array} one @param {Float32Array} other */
function cosine(one, other) {
  let [product, squares, others] = [0, 0, 0];
  for (let index = 0; index < one.length; index++) {
    product += one[index] * other[index];
    squares += one[index] ** 2;
    others += other[index] ** 2;
  }
  return product / Math.sqrt(squares * others);
}

/** The process beside that stores, and what it has stored so far. */
class Writer {
  /** @param {{base: string, folder: string, rows: number, writes: number}} request */
  constructor(request) {
    this.newest = -1;
    this.counts = { probes: 0, found_at_once: 0 };
    this.child = fork(path.join(__dirname, 'search_writer.js'), [JSON.stringify(request)]);
    /** @type {Promise<void>} */
    this.started = new Promise((resolve, reject) => {
      this.child.once('message', () => resolve());
      this.child.once('exit', (code) => reject(new Error(`the writer ended with exit code ${code}`)));
    });
    /** @type {Promise<object>} */
    this.ended = new Promise((resolve, reject) => {
      this.child.on('message', (/** @type {any} */ message) => {
        if (message.row !== undefined) this.newest = message.row;
        else resolve(message);
      });
      this.child.once('exit', () => reject(new Error('the writer ended early')));
    });
    // stop() passes an early end on.
    this.ended.catch(() => {});
    process.once('exit', () => this.child.kill('SIGKILL'));
  }

  /**
   * Whether the chunk stored last is found by the next search.
   * @param {import('..').FluoriteBridge} bridge
   * @param {number} vectors
   */
  async probe(bridge, vectors) {
    const row = this.newest;
    if (row < 0) return;
    const hits = await bridge.searchSimilar(readVectors(vectors, row, row + 1), LIMIT);
    this.counts.probes += 1;
    // Where ten others have the very same vector, any ten of them are right.
    const found = hits.some(({ metadata }) => metadata.row === row) || hits[LIMIT - 1]?.score > SAME;
    if (found) this.counts.found_at_once += 1;
  }

  async stop() {
    this.child.send('stop');
    return { .../** @type {object} */ (await this.ended), ...this.counts };
  }
}

module.exports = { LIMIT, PASSES, WARM_UP, cosine, open, recall, serve };
