// @ts-check

/** Graded requests before and after learning to find, which must not find less than before. */

const { beforeAndAfter, copyOfLearned, printGate, trainFromNothing } = require('./learning_memory.js');
const { idsOf, storeAlone, writtenIn } = require('./learned_search.js');
const { discountedGain, mean, RANKS } = require('./quality_measures.js');
const { ask, withMemory } = require('./quality_memory.js');
const { printTable } = require('./support.js');

/** @typedef {import('..').RetrievalReport} RetrievalReport */

/** @type {Record<string, import('..').SearchOptions>} */
const OVER = { templates: { chunk_type: ['template', 'template-file'] }, 'and code alone': {} };

/**
 * Over all templates, and with the code of the hand-written ones stored alone beside them; that counts for its
 * template.
 * @param {string} templates
 * @param {string} folder
 * @param {import('./quality_requests.js').Request[]} requests
 */
async function measureRequestsLearned(templates, folder, requests) {
  const written = writtenIn(templates);
  const queries = requests.map(({ query }) => query);
  const memory = await copyOfLearned(folder, templates, 'requests');
  /** @type {RetrievalReport | null} */
  let report = null;
  const prepare = async (/** @type {import('..').FluoriteBridge} */ bridge) => {
    report = await trainFromNothing(bridge, 'all templates');
    await storeAlone(bridge, written, idsOf(written, new Set()));
  };
  return await withMemory(memory, prepare, async (bridge) => {
    const gains = async (/** @type {import('..').SearchOptions} */ options) => {
      const found = await ask(bridge, queries, 2 * RANKS, options);
      return found.map((hits, at) => {
        const ids = hits.map((id) => (/^s\d{4}$/.test(id) ? written[Number(id.slice(1)) - 1].id : id));
        return discountedGain([...new Set(ids)], requests[at].relevant);
      });
    };
    const { before, after } = await beforeAndAfter(bridge, async () => {
      const found = [];
      for (const options of Object.values(OVER)) found.push(await gains(options));
      return found;
    });
    const rows = Object.keys(OVER).flatMap((over, at) =>
      ['ja', 'en'].map((language) => {
        const of = (/** @type {number[]} */ values) =>
          mean(values.filter((_, number) => requests[number].lang === language));
        return { over, language, before: of(before[at]), after: of(after[at]) };
      }),
    );
    return { report, rows };
  });
}

/** @param {Awaited<ReturnType<typeof measureRequestsLearned>>} figures */
function printRequestsLearned({ report, rows }) {
  printGate('all templates', report);
  printTable(
    `Requests before and after learning, nDCG@${RANKS}`,
    ['over', '', 'before', 'after'],
    rows.map(({ over, language, before, after }) => [over, language, before.toFixed(3), after.toFixed(3)]),
  );
}

module.exports = { measureRequestsLearned, printRequestsLearned };
