// @ts-check

/** What feedback for one chunk does to another whose description is alike. */

const { randomNumbers } = require('./data.js');
const { mean, RANKS, reciprocalRank } = require('./quality_measures.js');
const { ask } = require('./quality_memory.js');
const { counter, printTable } = require('./support.js');

const PAIRS = 150;
const LEAST_ALIKE = 0.6;
const MOST_ALIKE = 0.8;
const PAGE = 10_000;
const RATINGS = 10;

/** @typedef {import('..').FluoriteBridge} Bridge */
/** @typedef {{id: string, description: string}} Described */

/**
 * Pairs of described templates, each template in one pair at most.
 * @param {Bridge} bridge
 * @returns {Promise<[Described, Described][]>}
 */
async function neighbours(bridge) {
  /** @type {Described[]} */
  const all = [];
  /** @type {string | undefined} */
  let cursor;
  do {
    const page = await bridge.listChunks({ limit: PAGE, cursor });
    for (const { id, chunk_type, metadata } of page.chunks) {
      const { description } = metadata;
      if (chunk_type !== 'template' || typeof description !== 'string') continue;
      if (description !== '' && !description.startsWith('Auto-generated')) all.push({ id, description });
    }
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  const { data, dimensions } = await bridge.generateEmbeddings(all.map(({ description }) => description));
  const random = randomNumbers(5);
  const tell = counter('feedback: pairs of neighbours');
  const free = new Set(all.keys());
  /** @type {[Described, Described][]} */
  const pairs = [];
  for (let tries = 0; tries < all.length && pairs.length < PAIRS; tries++) {
    tell(pairs.length, PAIRS);
    const one = Math.floor(random() * all.length);
    if (!free.has(one)) continue;
    let [nearest, best] = [-1, LEAST_ALIKE];
    for (const other of free) {
      let cosine = 0;
      for (let at = 0; at < dimensions; at++)
        cosine += data[one * dimensions + at] * data[other * dimensions + at];
      if (other !== one && cosine > best && cosine < MOST_ALIKE) [nearest, best] = [other, cosine];
    }
    if (nearest < 0) continue;
    free.delete(one);
    free.delete(nearest);
    pairs.push([all[one], all[nearest]]);
  }
  return pairs;
}

/** @param {Bridge} bridge */
async function measureNeighbours(bridge) {
  const pairs = await neighbours(bridge);
  const queries = pairs.map(([, { description }]) => description);
  const ranks = async () =>
    (await ask(bridge, queries, RANKS, {})).map((ids, at) => reciprocalRank(ids, pairs[at][1].id));
  const before = await ranks();
  const tell = counter('feedback: neighbours rated');
  for (const [done, [{ id, description }]] of pairs.entries()) {
    tell(done, pairs.length);
    for (let number = 0; number < RATINGS; number++) {
      await bridge.addFeedback({ id, feedback_type: 'search_relevance', query: description, rating: 1 });
    }
  }
  const after = await ranks();
  return {
    pairs: pairs.length,
    before: mean(before),
    after: mean(after),
    worse: after.filter((rank, at) => rank < before[at]).length,
  };
}

/** @param {Awaited<ReturnType<typeof measureNeighbours>>} figures */
function printNeighbours({ pairs, before, after, worse }) {
  printTable(
    `${pairs} pairs of neighbours, ${RATINGS} ratings of one each`,
    ['', 'MRR@10 of the other'],
    [
      ['before', before.toFixed(3)],
      ['after', after.toFixed(3)],
      ['found later than before', worse],
    ],
  );
}

module.exports = { measureNeighbours, printNeighbours };
