// @ts-check

/** What feedback does to searches that are alike, and to others. */

const fs = require('node:fs');
const { discountedGain, estimate, mean, RANKS, shownEstimate } = require('./quality_measures.js');
const { ask, templatesIn } = require('./quality_memory.js');
const support = require('./support.js');

const LEVELS = [0, 10, 100, 1000];

/** @typedef {import('..').FluoriteBridge} Bridge */
/** @typedef {import('./quality_requests.js').Request} Request */
/** @typedef {{request: Request, trained: string[], held: string[]}} Family */
/** @typedef {{id: string, query: string, rating: number}} Judgement */

/** @param {string} file @param {Request[]} requests @returns {Family[]} */
function readFamilies(file, requests) {
  const byId = new Map(requests.map((request) => [request.qid, request]));
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const { qid, paraphrases } = JSON.parse(line);
      const request = byId.get(qid);
      const [first, ...held] = paraphrases;
      return request === undefined ? [] : [{ request, trained: [request.query, first], held }];
    });
}

/**
 * What someone would say who knows the grades, best first.
 * @param {Bridge} bridge
 * @param {Family} family
 * @param {ReadonlySet<string>} known
 * @returns {Promise<Judgement[]>}
 */
async function judgements(bridge, { request, trained }, known) {
  /** @type {Judgement[]} */
  const found = [];
  for (const query of trained) {
    const hits = await bridge.searchSimilar(query, RANKS);
    const shown = new Map(hits.map(({ id }) => [id.split('#', 1)[0], id]));
    for (const id of request.relevant.keys()) if (known.has(id) && !shown.has(id)) shown.set(id, id);
    for (const [template, id] of shown) {
      const grade = request.relevant.get(template) ?? 0;
      found.push({ id, query, rating: [0, 0.75, 1][grade] });
    }
  }
  return found.sort((one, other) => other.rating - one.rating);
}

/**
 * @param {Bridge} bridge
 * @param {Family[]} families
 * @param {Request[]} others
 */
async function measureEffect(bridge, families, others) {
  const known = await templatesIn(bridge);
  const said = new Map();
  for (const family of families) said.set(family, await judgements(bridge, family, known));
  const held = families.flatMap(({ request, held }) => held.map((query) => ({ request, query })));
  /** @type {string[][] | undefined} */
  let before;
  const rows = [];
  let given = 0;
  for (const level of LEVELS) {
    const started = performance.now();
    const tell = support.counter(`feedback: up to ${level} a family, families`);
    for (const [done, family] of families.entries()) {
      tell(done, families.length);
      const all = /** @type {Judgement[]} */ (said.get(family));
      for (let number = given; number < level; number++) {
        const judgement = all[number % all.length];
        await bridge.addFeedback({ feedback_type: 'search_relevance', ...judgement });
      }
    }
    const took = (performance.now() - started) / 1000;
    support.progress(`feedback: ${level} a family, asking ${held.length + others.length} requests`);
    const found = await ask(
      bridge,
      held.map(({ query }) => query),
      RANKS,
      {},
    );
    const scores = found.map((ids, at) => discountedGain(ids, held[at].request.relevant));
    const unrelated = await ask(
      bridge,
      others.map(({ query }) => query),
      RANKS,
      {},
    );
    before ??= unrelated;
    const same = unrelated.filter((ids, at) => ids.join('\n') === before?.[at].join('\n')).length;
    const of = (/** @type {string} */ language) =>
      estimate(scores.filter((_, at) => held[at].request.lang === language));
    rows.push({
      feedbacks: level,
      ja: of('ja'),
      en: of('en'),
      unrelated: mean(unrelated.map((ids, at) => discountedGain(ids, others[at].relevant))),
      unchanged: same / unrelated.length,
      milliseconds_each: level > given ? (took * 1000) / ((level - given) * families.length) : null,
    });
    given = level;
  }
  return { families: families.length, held_out: held.length, unrelated: others.length, rows };
}

/** @param {Awaited<ReturnType<typeof measureEffect>>} figures */
function printEffect({ families, held_out, unrelated, rows }) {
  support.printTable(
    `${families} families, ${held_out} held-out paraphrases, ${unrelated} other requests`,
    ['feedbacks', 'nDCG@10 ja', 'nDCG@10 en', 'others', 'unchanged', 'ms to give one'],
    rows.map((row) => [
      row.feedbacks,
      shownEstimate(row.ja),
      shownEstimate(row.en),
      row.unrelated.toFixed(3),
      row.unchanged.toFixed(2),
      row.milliseconds_each,
    ]),
  );
}

module.exports = { measureEffect, printEffect, readFamilies };
