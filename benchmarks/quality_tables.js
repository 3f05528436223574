// @ts-check

/** Tables of requests, and the requests that lose most. */

const { RANKS, shownEstimate } = require('./quality_measures.js');
const { ask } = require('./quality_memory.js');
const { ABLATIONS, DEFAULT, groupsOf, named, SINGLE_METHODS, TOLERANCE } = require('./quality_requests.js');
const { printTable } = require('./support.js');

const DEEP = 100;
const SHOWN_IDS = 5;

/** @typedef {import('./quality_requests.js').Request} Request */
/** @typedef {import('./quality_requests.js').Ablation} Ablation */
/** @typedef {Awaited<ReturnType<typeof import('./quality_requests.js').measureRequests>>} Figures */

/**
 * @param {string} what the templates are
 * @param {Request[]} requests
 * @param {Figures} figures
 */
function printRequests(what, requests, { templates, ablations, reachable, among_reachable: among }) {
  const title = `Requests over ${templates.toLocaleString('en-US')} ${what}`;
  const groups = [...groupsOf(requests)].map(([group]) => group);
  const languages = [...new Set(requests.map(({ lang }) => lang))];
  const wide = ['all', ...languages];
  const rows = ablations.map(({ name, groups: own }) => [
    name,
    ...wide.map((one) => shownEstimate(own[one])),
  ]);
  const kept = (/** @type {Record<string, any>} */ of) =>
    wide.map((one) => (of[one] ? shownEstimate(of[one]) : '–'));
  printTable(
    `${title}, nDCG@${RANKS} [95 %]`,
    ['', ...wide.map((one) => `${one} (${reachable[one].count})`)],
    [
      ...rows,
      ['best reachable', ...wide.map((one) => reachable[one].mean.toFixed(3))],
      [`${DEFAULT}, among what is there`, ...kept(among)],
    ],
  );
  const kinds = groups.filter((one) => !wide.includes(one));
  const order = ['', ...languages.map((language) => ` ${language}`)].flatMap((ending) =>
    kinds.filter((one) => (ending === '' ? !one.includes(' ') : one.endsWith(ending))),
  );
  printTable(
    `${title}, by kind of request and language, nDCG@${RANKS}`,
    ['', ...order],
    ablations.map(({ name, groups: own }) => [name, ...order.map((one) => own[one].mean.toFixed(2))]),
  );
}

/** @param {ReturnType<typeof import('./quality_requests.js').differences>} rows */
function printDifferences(rows) {
  const signed = (/** @type {number} */ value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
  const interval = (/** @type {{low: number, high: number}} */ { low, high }) =>
    `[${signed(low)}, ${signed(high)}]`;
  printTable(
    `The default less the best single method (aim: no kind worse by more than ${TOLERANCE}); folded alike on the right`,
    [
      '',
      'n',
      'default',
      'best single',
      'its',
      'difference',
      '95 %',
      '',
      'folded',
      'its',
      'difference',
      '95 %',
      '',
    ],
    rows.map(({ group, count, default: own, unfolded, folded }) => [
      group,
      count,
      own.toFixed(3),
      ...[unfolded, folded].flatMap((one) => [
        one.best.split(',')[0],
        one.its.toFixed(3),
        signed(one.difference.mean),
        interval(one.difference),
        one.worse ? 'worse' : '',
      ]),
    ]),
  );
}

/**
 * Of every kind, the requests that lose most against the better single method: what was found, what was wanted, and
 * where each method ranks that.
 * @param {import('..').FluoriteBridge} bridge
 * @param {Request[]} requests
 * @param {Ablation[]} ablations
 * @param {number} most of each kind
 */
async function printWorst(bridge, requests, ablations, most) {
  const own = named(ablations, DEFAULT);
  const loss = (/** @type {number} */ at) =>
    Math.max(...SINGLE_METHODS.map((name) => named(ablations, name).scores[at])) - own.scores[at];
  for (const kind of [...new Set(requests.map((request) => request.kind))].sort()) {
    const members = [...requests.keys()].filter((at) => requests[at].kind === kind);
    members.sort((one, other) => loss(other) - loss(one) || own.scores[one] - own.scores[other]);
    process.stdout.write(`\nRequests of kind ${kind} that lose most\n`);
    for (const at of members.slice(0, most)) {
      const { qid, lang, query, relevant } = requests[at];
      const scores = ablations.map(({ name, scores: its }) => `${name} ${its[at].toFixed(2)}`);
      const found = own.ids[at].map((id) => `${id} (${relevant.get(id) ?? 0})`);
      process.stdout.write(
        `${qid} ${lang}  ${query}\n  ${scores.join(' · ')}\n  found: ${found.join(', ')}\n`,
      );
      for (const line of await ranksOfWanted(bridge, query, relevant)) process.stdout.write(`  ${line}\n`);
    }
  }
}

/**
 * @param {import('..').FluoriteBridge} bridge
 * @param {string} query
 * @param {Map<string, number>} relevant
 */
async function ranksOfWanted(bridge, query, relevant) {
  /** @type {Map<string, string[]>} */
  const deep = new Map();
  for (const name of [...SINGLE_METHODS, DEFAULT]) {
    deep.set(name, (await ask(bridge, [query], DEEP, ABLATIONS[name]))[0]);
  }
  const wanted = [...relevant].sort(([, one], [, other]) => other - one).slice(0, SHOWN_IDS);
  return wanted.map(([id, grade]) => {
    const ranks = [...deep].map(([name, ids]) => `${name} ${ids.indexOf(id) + 1 || '–'}`);
    return `wanted: ${id} (${grade}), rank by ${ranks.join(', ')}`;
  });
}

module.exports = { printDifferences, printRequests, printWorst };
