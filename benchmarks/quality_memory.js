// @ts-check

/** Memories to be judged: filled, complete, and asked many queries at once. */

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { FluoriteBridge } = require('..');
const { progress } = require('./support.js');

const PATIENCE_MS = 180_000;
const NOTE_EVERY_MS = 2000;
const QUERIES_PER_CALL = 100;
const PAGE = 10_000;

/** @typedef {import('..').SearchOptions} SearchOptions */

/**
 * A memory in `folder` that holds what `fill` stores, searched by `use` when every index is complete.
 * @template T
 * @param {string} folder
 * @param {(bridge: FluoriteBridge) => Promise<unknown>} fill
 * @param {(bridge: FluoriteBridge) => Promise<T>} use
 */
async function withMemory(folder, fill, use) {
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: folder });
  try {
    await fill(bridge);
    await complete(bridge);
    return await use(bridge);
  } finally {
    await bridge.shutdown();
  }
}

/** @param {string} name @returns {(progress: import('..').Progress) => void} */
function notes(name) {
  let shownAt = 0;
  return ({ stage, done, total, seconds_elapsed, seconds_left }) => {
    if (done < total && performance.now() - shownAt < NOTE_EVERY_MS) return;
    shownAt = performance.now();
    const left = seconds_left === null ? '' : `, ${Math.round(seconds_left)} s left`;
    progress(`${name}: ${stage} ${done} of ${total}, ${Math.round(seconds_elapsed)} s${left}`);
  };
}

/** @param {FluoriteBridge} bridge */
async function complete(bridge) {
  for (const started = performance.now(); ; await sleep(1000)) {
    const { incomplete } = await bridge.searchSimilar('graceful shutdown of a server', 1);
    if (incomplete === null) return;
    const { changes_behind, without_vector, words_only } = incomplete;
    if (performance.now() - started > PATIENCE_MS) {
      throw new Error(`The memory stays incomplete: ${JSON.stringify(incomplete)}`);
    }
    const words = words_only === null ? '' : `, ${words_only}`;
    progress(`waiting for ${changes_behind} writes and ${without_vector} vectors${words}`);
  }
}

/**
 * The hits for each query, best first.
 * @param {FluoriteBridge} bridge
 * @param {string[]} queries
 * @param {number} limit
 * @param {SearchOptions} options
 */
async function hitsOf(bridge, queries, limit, options) {
  /** @type {import('..').SearchHits[]} */
  const found = [];
  for (let first = 0; first < queries.length; first += QUERIES_PER_CALL) {
    const batch = queries.slice(first, first + QUERIES_PER_CALL);
    found.push(...(await bridge.searchMany(batch, limit, options)));
  }
  return found;
}

/**
 * The templates found for each query, best first, each once.
 * @param {FluoriteBridge} bridge
 * @param {string[]} queries
 * @param {number} limit
 * @param {SearchOptions} options
 */
async function ask(bridge, queries, limit, options) {
  const found = await hitsOf(bridge, queries, limit, options);
  return found.map((hits) => [...new Set(hits.map(({ id }) => templateOf(id)))]);
}

/** @param {string} id of a template, or of a file in it @returns {string} the template's */
function templateOf(id) {
  return id.split('#', 1)[0];
}

/** @param {FluoriteBridge} bridge @returns {Promise<Set<string>>} the templates it holds */
async function templatesIn(bridge) {
  const ids = new Set();
  /** @type {string | undefined} */
  let cursor;
  do {
    const page = await bridge.listChunks({ limit: PAGE, cursor });
    for (const { id } of page.chunks) ids.add(templateOf(id));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}

/**
 * Copies files of `from` into a new folder, with their times, so that a kept memory finds them unchanged.
 * @param {string[]} files
 * @param {string} from
 * @param {string} to
 */
function copyFiles(files, from, to) {
  fs.rmSync(to, { recursive: true, force: true });
  for (const file of files) {
    fs.cpSync(file, path.join(to, path.relative(from, file)), { preserveTimestamps: true });
  }
}

module.exports = { ask, copyFiles, hitsOf, notes, templatesIn, withMemory };
