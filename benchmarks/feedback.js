// @ts-check

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { randomNumbers } = require('./data.js');
const {
  discountedGain,
  estimate,
  mean,
  RANKS,
  reciprocalRank,
  shownEstimate,
} = require('./quality_measures.js');
const { ask, notes, templatesIn, withMemory } = require('./quality_memory.js');
const { readRequests } = require('./quality_requests.js');
const support = require('./support.js');

const HELP = `What feedback does to searches, and what it costs them.

Families: a graded request and its paraphrases. Feedback is given for the request and its first paraphrase: the ten
hits of each and the graded templates are rated by their grade (2: 1, 1: 0.75, else 0), best first, over and over until
the number is reached. Columns: nDCG@10 of the paraphrases that no feedback was given for, nDCG@10 of the requests of
no family, and the share of these whose ten hits stayed as they were. Intervals are 95 %.
Neighbours: pairs of hand-written templates whose descriptions are alike and yet not the same (cosine 0.6 to 0.8). Ten
good ratings of the one for its own description; how well the description of the other still finds that other, MRR@10.
Time: one search with its vector known, by the number of feedbacks, each for a query of its own, and what of it looks
the feedback up (measured in Python).

Usage: npm run bench:feedback -- --templates DIR --queries FILE [options]

  --templates DIR     folder of spike templates (default examples/spikes, few; give many)
  --queries FILE      requests, JSON lines: {"qid", "lang", "kind", "query", "relevant": {template id: 1 or 2}}
  --paraphrases FILE  JSON lines: {"qid", "paraphrases": [three or more texts]} (default those beside this script)
  --keep DIR          copies the learned memory from there, and makes it first (default: learned anew)
  --help              this text

Example:
  npm run bench:feedback -- --templates ../fluorite-mcp/spikes --queries requests.jsonl
`;

const LEVELS = [0, 10, 100, 1000];
const COUNTS = [0, 1000, 10_000, 100_000];
const ROUNDS = 5;
const PAIRS = 150;
const LEAST_ALIKE = 0.6;
const MOST_ALIKE = 0.8;
const PAGE = 10_000;
const RATINGS = 10;

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
    for (const family of families) {
      const all = /** @type {Judgement[]} */ (said.get(family));
      for (let number = given; number < level; number++) {
        const judgement = all[number % all.length];
        await bridge.addFeedback({ feedback_type: 'search_relevance', ...judgement });
      }
    }
    const took = (performance.now() - started) / 1000;
    support.progress(`${level} feedbacks a family`);
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
  const free = new Set(all.keys());
  /** @type {[Described, Described][]} */
  const pairs = [];
  for (let tries = 0; tries < all.length && pairs.length < PAIRS; tries++) {
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
  for (const [{ id, description }] of pairs) {
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

/**
 * @param {string} folder a learned memory
 * @param {string[]} queries
 */
async function measureTime(folder, queries) {
  const rows = [];
  for (const count of COUNTS) {
    support.progress(`${count} feedbacks, each for a query of its own`);
    const script = path.join(__dirname, 'feedback_lookup.py');
    const inPython = JSON.parse(
      execFileSync(support.pythonProgram(), [script, folder, String(count), JSON.stringify(queries)], {
        encoding: 'utf8',
        env: { ...process.env, PYTHONPATH: path.join(support.ROOT, 'python') },
      }),
    );
    const search = await withMemory(
      folder,
      async () => {},
      async (bridge) => {
        /** @type {number[]} */
        const times = [];
        for (let round = 0; round <= ROUNDS; round++) {
          for (const query of queries) {
            const started = performance.now();
            await bridge.searchSimilar(query, RANKS);
            if (round > 0) times.push(performance.now() - started);
          }
        }
        return times;
      },
    );
    rows.push({
      feedbacks: count,
      search_p50_ms: support.quantile(search, 0.5),
      search_p95_ms: support.quantile(search, 0.95),
      lookup_p50_ms: inPython.p50_ms,
      lookup_p95_ms: inPython.p95_ms,
      read_ms: inPython.read_ms,
    });
  }
  return rows;
}

async function main() {
  const options = support.readOptions(HELP, {
    templates: path.join(support.ROOT, 'examples', 'spikes'),
    queries: '',
    paraphrases: path.join(__dirname, 'feedback_paraphrases.jsonl'),
    keep: '',
  });
  if (options.queries === '') throw new Error('Give a file of requests with --queries.');
  const requests = readRequests(options.queries);
  const families = readFamilies(options.paraphrases, requests);
  const inFamily = new Set(families.map(({ request }) => request));
  const others = requests.filter((request) => !inFamily.has(request));
  const learn = (/** @type {Bridge} */ bridge) =>
    bridge.learnFromSpikes({ path: path.resolve(options.templates), onProgress: notes('templates') });
  await support.withTemporaryFolder(async (folder) => {
    const learned = options.keep === '' ? path.join(folder, 'learned') : path.resolve(options.keep);
    await withMemory(learned, learn, async () => {});
    const copied = path.join(folder, 'effect');
    fs.cpSync(learned, copied, { recursive: true });
    const effect = await withMemory(
      copied,
      async () => {},
      (bridge) => measureEffect(bridge, families, others),
    );
    support.printTable(
      `${effect.families} families, ${effect.held_out} held-out paraphrases, ${effect.unrelated} other requests`,
      ['feedbacks', 'nDCG@10 ja', 'nDCG@10 en', 'others', 'unchanged', 'ms to give one'],
      effect.rows.map((row) => [
        row.feedbacks,
        shownEstimate(row.ja),
        shownEstimate(row.en),
        row.unrelated.toFixed(3),
        row.unchanged.toFixed(2),
        row.milliseconds_each,
      ]),
    );
    const beside = path.join(folder, 'neighbours');
    fs.cpSync(learned, beside, { recursive: true });
    const near = await withMemory(beside, async () => {}, measureNeighbours);
    support.printTable(
      `${near.pairs} pairs of neighbours, ${RATINGS} ratings of one each`,
      ['', 'MRR@10 of the other'],
      [
        ['before', near.before.toFixed(3)],
        ['after', near.after.toFixed(3)],
        ['found later than before', near.worse],
      ],
    );
    const timed = path.join(folder, 'time');
    fs.cpSync(learned, timed, { recursive: true });
    const time = await measureTime(
      timed,
      requests.map(({ query }) => query),
    );
    support.printTable(
      'One search, vector known',
      ['feedbacks', 'search p50 ms', 'p95 ms', 'looking up p50 ms', 'p95 ms', 'reading them in, ms'],
      time.map((row) => Object.values(row)),
    );
    support.saveResults('feedback', {
      templates: path.basename(options.templates),
      effect,
      neighbours: near,
      time,
    });
  });
}

main();
