// @ts-check

const os = require('node:os');
const path = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { FluoriteBridge } = require('..');
const { DIMENSIONS, contents, randomNumbers, unitVectors } = require('./data.js');
const support = require('./support.js');

const HELP = `storeChunks with given vectors, then reading, searching by vector and opening again; no model is loaded.

Usage: npm run bench:store-chunks -- [options]

  --chunks N    chunks of about 400 bytes, each with 384 numbers (default 100000)
  --single N    chunks stored one by one, each on disk before the next (default 500)
  --reads N     calls of getChunk; a tenth of them of searchSimilar (default 2000)
  --help        this text

Examples:
  npm run bench:store-chunks
  npm run bench:store-chunks -- --chunks 10000 --reads 500
`;

const RESOLUTION_MS = 1;

/** @param {number} chunks @param {string} prefix @param {number} seed */
function columns(chunks, prefix, seed) {
  const ids = Array.from({ length: chunks }, (_, row) => `${prefix}-${String(row).padStart(7, '0')}`);
  return { ids, contents: contents(chunks, seed), embeddings: unitVectors(chunks, seed + 1) };
}

/**
 * @param {number} calls
 * @param {(call: number) => Promise<unknown>} task
 */
async function timed(calls, task) {
  const taken = [];
  for (let call = 0; call < calls; call++) {
    const started = performance.now();
    await task(call);
    taken.push(performance.now() - started);
  }
  return {
    count: calls,
    first: taken[0],
    p50: support.quantile(taken, 0.5),
    p99: support.quantile(taken, 0.99),
  };
}

/** @template T @param {() => Promise<T>} work @returns {Promise<[seconds: number, result: T]>} */
async function seconds(work) {
  const started = performance.now();
  const result = await work();
  return [(performance.now() - started) / 1000, result];
}

async function main() {
  const options = support.readOptions(HELP, { chunks: 100_000, single: 500, reads: 2000 });
  const { chunks, single, reads } = options;
  await support.withTemporaryFolder(async (folder) => {
    support.progress('making the chunks');
    const many = columns(chunks, 'chunk', 1);
    const few = columns(single, 'single', 3);
    const queries = unitVectors(Math.ceil(reads / 10), 5);
    const random = randomNumbers(7);
    const config = { memory_path: path.join(folder, 'memory'), enable_ml: false };
    const bridge = new FluoriteBridge();
    await bridge.initialize(config);

    support.progress(`storing ${chunks} chunks`);
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delay.enable();
    const [storeSeconds, result] = await seconds(() => bridge.storeChunks(many));
    delay.disable();
    if (result.stored !== chunks) throw new Error(`stored ${result.stored} of ${chunks} chunks`);
    const delayP99 = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
    const { store_bytes, embeddings_bytes } = await bridge.getMetrics();

    support.progress('reading and searching');
    const read = () => bridge.getChunk(many.ids[Math.floor(random() * chunks)]);
    const search = (/** @type {number} */ call) =>
      bridge.searchSimilar(queries.subarray(call * DIMENSIONS, (call + 1) * DIMENSIONS));
    const latencies = { getChunk: await timed(reads, read), searchSimilar: await timed(reads / 10, search) };

    support.progress(`storing ${single} chunks one by one`);
    const one = await timed(single, (row) => {
      const embedding = few.embeddings.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
      return bridge.storeChunk({ id: few.ids[row], content: few.contents[row], embedding });
    });

    support.progress('opening again');
    const [shutdownSeconds] = await seconds(() => bridge.shutdown());
    const [reopenSeconds] = await seconds(() => bridge.initialize(config));
    const reopened = { getChunk: await timed(reads, read), searchSimilar: await timed(reads / 10, search) };
    await bridge.shutdown();

    const figures = {
      store_seconds: storeSeconds,
      chunks_per_second: Math.round(chunks / storeSeconds),
      event_loop_delay_p99_ms: delayP99,
      contents_bytes: many.contents.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
      store_bytes,
      vectors_bytes: many.embeddings.byteLength,
      embeddings_bytes,
      shutdown_ms: shutdownSeconds * 1000,
      initialize_again_ms: reopenSeconds * 1000,
    };
    const calls = {
      'storeChunk with a vector': one,
      getChunk: latencies.getChunk,
      'searchSimilar by vector': latencies.searchSimilar,
      'getChunk, opened again': reopened.getChunk,
      'searchSimilar, opened again': reopened.searchSimilar,
    };
    support.printTable(
      `Storing ${chunks.toLocaleString('en-US')} chunks with vectors, in columns`,
      ['what', 'figure'],
      Object.entries(figures).map(([name, figure]) => [name.replaceAll('_', ' '), figure]),
    );
    support.printTable(
      'One call after the other, ms',
      ['call', 'calls', 'first', 'p50', 'p99', 'per second'],
      Object.entries(calls).map(([name, { count, first, p50, p99 }]) => [
        name,
        count,
        first,
        p50,
        p99,
        1000 / p50,
      ]),
    );
    support.saveResults('store-chunks', { ...options, temporary_folder: os.tmpdir(), figures, calls });
  });
}

main();
