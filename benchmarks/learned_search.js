// @ts-check

/** What learned retrieval gains through the public package: code of unseen templates, found by their descriptions. */

const fs = require('node:fs');
const path = require('node:path');
const { beforeAndAfter, printGate, trainFromNothing } = require('./learning_memory.js');
const { estimate, RANKS, shownEstimate } = require('./quality_measures.js');
const { copyFiles, hitsOf, notes, withMemory } = require('./quality_memory.js');
const { handWritten } = require('./quality_code.js');
const { printTable } = require('./support.js');

/** @typedef {import('..').FluoriteBridge} FluoriteBridge */
/** @typedef {import('..').RetrievalReport} RetrievalReport */
/** @typedef {import('./quality_code.js').HandWritten & {id: string}} Written */

const AMONG = /** @type {const} */ ({ unseen: { id_prefix: 'u' }, all: {} });
const COUNTED = /** @type {const} */ (['own', 'folded']);

/** @param {string} templates @returns {Written[]} in the order of the files */
function writtenIn(templates) {
  return handWritten(templates).map((one) => ({
    ...one,
    id: JSON.parse(fs.readFileSync(one.file, 'utf8')).id,
  }));
}

/**
 * Ids that tell nothing of what is stored under them; u… is unseen.
 * @param {Written[]} written
 * @param {ReadonlySet<string>} unseen
 */
function idsOf(written, unseen) {
  return written.map(({ id }, at) => `${unseen.has(id) ? 'u' : 's'}${String(at + 1).padStart(4, '0')}`);
}

/**
 * Stores the code of templates, and nothing that describes it.
 * @param {FluoriteBridge} bridge
 * @param {Written[]} written
 * @param {string[]} ids
 */
async function storeAlone(bridge, written, ids) {
  // What a kept memory has is not replaced: removed words count until an index is merged.
  const known = await bridge.getChunks(ids);
  const missing = [...ids.keys()].filter((at) => known[at]?.content !== written[at].code);
  const columns = { ids: missing.map((at) => ids[at]), contents: missing.map((at) => written[at].code) };
  const { rejected } = await bridge.storeChunks(columns, { onProgress: notes('code alone') });
  if (rejected.length > 0) throw new Error(`Not stored: ${JSON.stringify(rejected[0])}`);
}

/**
 * Reciprocal ranks of what is wanted. Folded, a hit counts for what is folded into it too.
 * @param {FluoriteBridge} bridge
 * @param {string[]} questions
 * @param {string[]} wanted
 * @param {import('..').SearchOptions} options
 */
async function reciprocalRanks(bridge, questions, wanted, options) {
  const found = await hitsOf(bridge, questions, RANKS, { chunk_type: 'code', explain: true, ...options });
  return found.map((hits, number) => {
    const id = wanted[number];
    const at = hits.findIndex((hit) => hit.id === id || hit.explanation?.variant_ids.includes(id));
    return at < 0 ? 0 : 1 / (at + 1);
  });
}

/**
 * Learns the seen templates, stores the code of all alone, and asks for that of the unseen ones.
 * @param {string} templates
 * @param {string} folder
 * @param {ReadonlySet<string>} unseen
 */
async function measureThroughSearch(templates, folder, unseen) {
  const written = writtenIn(templates);
  const seen = path.join(folder, 'seen-templates');
  copyFiles(
    written.filter(({ id }) => !unseen.has(id)).map(({ file }) => file),
    templates,
    seen,
  );
  const ids = idsOf(written, unseen);
  /** @type {RetrievalReport | null} */
  let report = null;
  const learn = async (/** @type {FluoriteBridge} */ bridge) => {
    await bridge.learnFromSpikes({ path: seen, onProgress: notes('seen templates') });
    report = await trainFromNothing(bridge, 'seen templates');
    await storeAlone(bridge, written, ids);
  };
  return await withMemory(path.join(folder, 'seen'), learn, async (bridge) => {
    const asked = [...written.keys()].filter((at) => unseen.has(written[at].id));
    const questions = asked.map((at) => written[at].description);
    const wanted = asked.map((at) => ids[at]);
    const cells = Object.entries(AMONG).flatMap(([among, filter]) =>
      COUNTED.map((counted) => ({ among, counted, options: { ...filter, fold: counted === 'folded' } })),
    );
    const { before, after } = await beforeAndAfter(bridge, async () => {
      const ranks = [];
      for (const { options } of cells) ranks.push(await reciprocalRanks(bridge, questions, wanted, options));
      return ranks;
    });
    const rows = ['ja', 'en'].flatMap((language) => {
      const of = (/** @type {number[]} */ values) =>
        estimate(values.filter((_, number) => written[asked[number]].language === language));
      return cells.map(({ among, counted }, cell) => {
        const candidates = among === 'all' ? written.length : asked.length;
        return { language, among, candidates, counted, before: of(before[cell]), after: of(after[cell]) };
      });
    });
    return { report, rows };
  });
}

/** @param {Awaited<ReturnType<typeof measureThroughSearch>>} figures */
function printThroughSearch({ report, rows }) {
  printGate('nine tenths of the families', report);
  printTable(
    'Description → code through searchMany, the first split by families, before and after learning, MRR@10 [95 %]',
    ['', 'among', 'counted', 'before', 'after'],
    rows.map(({ language, among, candidates, counted, before, after }) => [
      `${language}, ${before.count} descriptions`,
      `${among === 'all' ? 'all' : 'the'} ${candidates.toLocaleString('en-US')}${among === 'all' ? '' : ' unseen'}`,
      counted,
      shownEstimate(before),
      shownEstimate(after),
    ]),
  );
}

module.exports = { idsOf, measureThroughSearch, printThroughSearch, storeAlone, writtenIn };
