// @ts-check

const fs = require('node:fs');
const path = require('node:path');
const { FluoriteBridge } = require('..');
const { resident } = require('./search_child.js');
const { Corpus, readVectors } = require('./search_corpus.js');

const PAGE = 20_000;
const POLL_MS = 50;
const METRICS_POLL_MS = 250;
const REPORT_MS = 2000;
const MOST_SECONDS = 3600;

/** @typedef {{base: string, folder: string, rows: number}} Request */

/** @param {number} since */
const secondsSince = (since) => (performance.now() - since) / 1000;

/**
 * Stores the rows in pages of columns. `seconds` leaves out the making of the pages.
 * @param {Request} request
 * @param {(text: string) => void} progress
 */
async function store({ base, folder, rows }, progress) {
  const corpus = new Corpus(base, folder);
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(folder, 'memory') });
  const started = performance.now();
  let seconds = 0;
  for (let start = 0; start < rows; start += PAGE) {
    const left =
      start === 0 ? '' : `, ${Math.round((secondsSince(started) / start) * (rows - start))} s left`;
    progress(`storing: ${start} of ${rows} chunks${left}`);
    const columns = corpus.columns(start, Math.min(start + PAGE, rows));
    const before = performance.now();
    const { stored, rejected } = await bridge.storeChunks(columns);
    seconds += secondsSince(before);
    if (rejected.length > 0) throw new Error(`${rejected[0].id} was rejected: ${rejected[0].message}`);
    if (stored !== columns.ids.length) throw new Error(`stored ${stored} of ${columns.ids.length} chunks`);
  }
  const { store_bytes, embeddings_bytes } = await bridge.getMetrics();
  const closing = performance.now();
  await bridge.shutdown();
  return { seconds, shutdown_seconds: secondsSince(closing), store_bytes, embeddings_bytes };
}

/**
 * Whether every index holds all changes and nothing is being built.
 * @param {any} metrics
 */
function isComplete({ index }) {
  const parts = [index.catalog, index.lexical, index.vectors];
  const { pending, building, unbuilt } = index.vectors ?? {};
  return parts.every((part) => part?.behind === 0) && pending === 0 && !building && !unbuilt;
}

/**
 * Throws the index away and waits until it is whole again.
 * @param {Request} request
 * @param {(text: string) => void} progress
 */
async function index({ base, folder, rows }, progress) {
  const memory = path.join(folder, 'memory');
  fs.rmSync(path.join(memory, 'index'), { recursive: true, force: true });
  const queries = fs.openSync(path.join(base, 'queries.f32'), 'r');
  const query = readVectors(queries, 0, 1);
  let most = resident();
  const watch = setInterval(() => {
    const now = resident();
    if (now.anonymous_mib > most.anonymous_mib) most = now;
  }, POLL_MS);
  const bridge = new FluoriteBridge();
  const started = performance.now();
  await bridge.initialize({ memory_path: memory });
  await bridge.searchSimilar(query);
  const firstAnswer = secondsSince(started);
  let reported = 0;
  for (;;) {
    const metrics = await bridge.getMetrics();
    if (isComplete(metrics)) break;
    if (secondsSince(started) > MOST_SECONDS) throw new Error(`after ${MOST_SECONDS} s no whole index`);
    if (performance.now() - reported > REPORT_MS) {
      reported = performance.now();
      progress(`indexing ${rows} chunks: ${Math.round(secondsSince(started))} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, METRICS_POLL_MS));
  }
  const seconds = secondsSince(started);
  const { index } = await bridge.getMetrics();
  const closing = performance.now();
  await bridge.shutdown();
  clearInterval(watch);
  return {
    seconds,
    first_answer_seconds: firstAnswer,
    shutdown_seconds: secondsSince(closing),
    resident_most: most,
    metrics: index,
    disk_bytes: diskBytes(memory),
  };
}

/** @param {string} memory @returns {Record<string, number>} bytes of disk, by part of the memory */
function diskBytes(memory) {
  const indexes = path.join(memory, 'index');
  const parts = ['chunks', 'embeddings', ...fs.readdirSync(indexes).map((name) => path.join('index', name))];
  return Object.fromEntries(parts.map((part) => [part, allocated(path.join(memory, part))]));
}

/** @param {string} place @returns {number} */
function allocated(place) {
  const { blocks } = fs.statSync(place);
  // LMDB's files are sparse: what counts is the blocks, of 512 bytes.
  if (!fs.statSync(place).isDirectory()) return blocks * 512;
  return fs.readdirSync(place).reduce((sum, name) => sum + allocated(path.join(place, name)), 0);
}

module.exports = { index, store };
