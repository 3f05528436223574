// @ts-check

/** Developers' requests with graded templates, asked with and without the parts of the ranking. */

const fs = require('node:fs');
const { bestOrder, discountedGain, estimate, mean, RANKS } = require('./quality_measures.js');
const { ask, templatesIn } = require('./quality_memory.js');

const SINGLE_METHODS = ['lexical', 'dense'];
const DEFAULT = '+ folding';
/** The most that the default may fall behind the best single method in a kind of request. */
const TOLERANCE = 0.02;

const WORDS_ALONE = { dense: 0, quality: 0 };
const MEANING_ALONE = { lexical: 0, quality: 0 };

/** @type {Record<string, import('..').SearchOptions>} */
const ABLATIONS = {
  lexical: { weights: WORDS_ALONE, fold: false },
  dense: { weights: MEANING_ALONE, fold: false },
  fused: { weights: { quality: 0 }, fold: false },
  '+ quality': { fold: false },
  [DEFAULT]: {},
  'lexical, folded': { weights: WORDS_ALONE },
  'dense, folded': { weights: MEANING_ALONE },
};

/** @typedef {import('./quality_measures.js').Estimate} Estimate */
/** @typedef {{qid: string, lang: string, kind: string, query: string, relevant: Map<string, number>}} Request */
/** @typedef {{name: string, ids: string[][], scores: number[], groups: Record<string, Estimate>}} Ablation */

/** @param {string} file @returns {Request[]} */
function readRequests(file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const { qid, lang, kind, query, relevant } = JSON.parse(line);
      return { qid, lang, kind, query, relevant: new Map(Object.entries(relevant)) };
    });
}

/**
 * Positions of the requests of each group: all, each language, each kind, each kind in each language.
 * @param {Request[]} requests
 * @returns {Map<string, number[]>}
 */
function groupsOf(requests) {
  /** @type {Map<string, number[]>} */
  const groups = new Map([['all', []]]);
  const languages = [...new Set(requests.map(({ lang }) => lang))];
  const kinds = [...new Set(requests.map(({ kind }) => kind))].sort();
  for (const language of languages) groups.set(language, []);
  for (const kind of kinds) {
    groups.set(kind, []);
    for (const language of languages) groups.set(`${kind} ${language}`, []);
  }
  for (const [at, { lang, kind }] of requests.entries()) {
    for (const name of ['all', lang, kind, `${kind} ${lang}`]) groups.get(name)?.push(at);
  }
  return new Map([...groups].filter(([, members]) => members.length > 0));
}

/**
 * @param {Request[]} requests
 * @param {number[]} scores
 * @returns {Record<string, Estimate>}
 */
function estimatesOf(requests, scores) {
  const groups = [...groupsOf(requests)];
  return Object.fromEntries(
    groups.map(([name, members]) => [name, estimate(members.map((at) => scores[at]))]),
  );
}

/**
 * @param {import('..').FluoriteBridge} bridge
 * @param {Request[]} requests
 */
async function measureRequests(bridge, requests) {
  const queries = requests.map(({ query }) => query);
  /** @type {Ablation[]} */
  const ablations = [];
  for (const [name, options] of Object.entries(ABLATIONS)) {
    const ids = await ask(bridge, queries, RANKS, options);
    const scores = ids.map((found, at) => discountedGain(found, requests[at].relevant));
    ablations.push({ name, ids, scores, groups: estimatesOf(requests, scores) });
  }
  const known = await templatesIn(bridge);
  const best = requests.map(({ relevant }) => discountedGain(bestOrder(relevant, known), relevant));
  return {
    templates: known.size,
    ablations,
    reachable: estimatesOf(requests, best),
    among_reachable: amongReachable(requests, known, named(ablations, DEFAULT).ids),
  };
}

/**
 * The default's estimates where templates that the memory lacks do not count as missed.
 * @param {Request[]} requests
 * @param {ReadonlySet<string>} known
 * @param {string[][]} ids
 */
function amongReachable(requests, known, ids) {
  const held = requests.map((request) => ({
    ...request,
    relevant: new Map([...request.relevant].filter(([id]) => known.has(id))),
  }));
  const answerable = [...held.keys()].filter((at) => held[at].relevant.size > 0);
  return estimatesOf(
    answerable.map((at) => held[at]),
    answerable.map((at) => discountedGain(ids[at], held[at].relevant)),
  );
}

/** @param {Ablation[]} ablations @param {string} name */
function named(ablations, name) {
  return /** @type {Ablation} */ (ablations.find((ablation) => ablation.name === name));
}

/**
 * For every kind of request, the default less the method that alone does best in it; `folded`: where that method's
 * hits are folded like the default's, so that only the ranking differs.
 * @param {Request[]} requests
 * @param {Ablation[]} ablations
 */
function differences(requests, ablations) {
  const own = named(ablations, DEFAULT).scores;
  const against = (/** @type {number[]} */ members, /** @type {string} */ ending) => {
    const singles = SINGLE_METHODS.map((name) => named(ablations, name + ending));
    const meanOf = (/** @type {Ablation} */ { scores }) => mean(members.map((at) => scores[at]));
    const best = singles.reduce((one, other) => (meanOf(other) > meanOf(one) ? other : one));
    const difference = estimate(members.map((at) => own[at] - best.scores[at]));
    return { best: best.name, its: meanOf(best), difference, worse: difference.mean < -TOLERANCE };
  };
  return [...groupsOf(requests)].map(([group, members]) => ({
    group,
    count: members.length,
    default: mean(members.map((at) => own[at])),
    unfolded: against(members, ''),
    folded: against(members, ', folded'),
  }));
}

module.exports = {
  ABLATIONS,
  DEFAULT,
  SINGLE_METHODS,
  TOLERANCE,
  differences,
  groupsOf,
  measureRequests,
  named,
  readRequests,
};
