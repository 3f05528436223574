// @ts-check

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {
  discountedGain,
  estimate,
  mean,
  reciprocalRank,
  RANKS,
  shownEstimate,
} = require('./quality_measures.js');
const { handWritten } = require('./quality_code.js');
const { ask, copyFiles, notes, withMemory } = require('./quality_memory.js');
const { readRequests } = require('./quality_requests.js');
const support = require('./support.js');

const HELP = `What learned retrieval gains: description → code on hand-written templates that were never seen.

Ablations: families of templates are split, a tenth unseen, some times over; each part is learned from the others and
judged whatever the gate would say, MRR@10 by language, among the code of the unseen tenth and of all hand-written
templates. Product: the templates of the first split's nine tenths are learned by learnFromSpikes, the code of all is
stored alone, and searchSimilar answers the unseen descriptions before and after what the gate adopted. Requests:
nDCG@10 over all templates, and with the code of the hand-written ones stored alone beside them, before and after.

Usage: npm run bench:learned-retrieval -- [options]

  --templates DIR   folder of spike templates (default examples/spikes, few; give many)
  --queries FILE    requests, JSON lines: {"qid", "lang", "kind", "query", "relevant": {template id: 1 or 2}}
                    (default none: requests are left out)
  --splits N        how often the families are split (default 5)
  --keep DIR        keeps the memories there and learns only what has changed (default: removed)
  --help            this text

Example:
  npm run bench:learned-retrieval -- --templates ../fluorite-mcp/spikes --queries requests.jsonl
`;

/** @typedef {import('..').FluoriteBridge} FluoriteBridge */
/** @typedef {import('..').RetrievalReport} RetrievalReport */
/** @typedef {import('./quality_code.js').HandWritten & {id: string}} Written */
/** @typedef {{ja: [number, number], en: [number, number]}} Ranks mean and deviation */
/** @typedef {{name: string, unseen: Ranks, all: Ranks}} Row */
/**
 * @typedef {{templates: number, splits: number, unseen: string[], rows: Row[], seconds: Record<string, number>}} Ablations
 */

/** @param {string[]} values @returns {Promise<string>} what benchmarks/learned_retrieval.py prints */
function runPython(values) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONPATH: path.join(support.ROOT, 'python') };
    const script = path.join(__dirname, 'learned_retrieval.py');
    const child = spawn(support.pythonProgram(), [script, ...values], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`${script}: exit ${code}`)),
    );
  });
}

/** @param {Ablations} figures */
function printAblations({ templates, splits, unseen, rows, seconds }) {
  const shown = (/** @type {[number, number]} */ [value, deviation]) =>
    `${value.toFixed(3)} ± ${deviation.toFixed(3)}`;
  support.printTable(
    `Description → code, MRR@10 over ${splits} splits by family (mean ± deviation)`,
    [
      '',
      ...['ja', 'en'].map((one) => `${one}, ${unseen.length} unseen`),
      ...['ja', 'en'].map((one) => `${one}, all ${templates}`),
    ],
    rows.map(({ name, unseen: own, all }) => [
      name,
      shown(own.ja),
      shown(own.en),
      shown(all.ja),
      shown(all.en),
    ]),
  );
  support.printTable('Seconds to learn from nine tenths', Object.keys(seconds), [Object.values(seconds)]);
}

/** @param {RetrievalReport | null} report */
function printReport(report) {
  if (report === null) return;
  const { verdicts, seconds, training_pairs, held_out_pairs, general_pairs, version } = report;
  support.printTable(
    `The gate: ${training_pairs} pairs learned from, ${held_out_pairs} held out, ${general_pairs} general; version ${version}`,
    ['candidate', 'adopted', 'why'],
    verdicts.map(({ candidate, adopted, reason }) => [candidate, adopted ? 'yes' : 'no', reason]),
  );
  support.printTable('Seconds by stage', Object.keys(seconds), [Object.values(seconds)]);
}

/**
 * Runs `work` with what was learned, and without it.
 * @template T
 * @param {FluoriteBridge} bridge
 * @param {() => Promise<T>} work
 * @returns {Promise<{before: T, after: T}>}
 */
async function beforeAndAfter(bridge, work) {
  const after = await work();
  while ((await bridge.getLearningStats()).retrieval.version > 0) await bridge.rollbackLearning();
  return { before: await work(), after };
}

/**
 * Ids that tell nothing of what is stored under them; u… is unseen.
 * @param {Written[]} written
 * @param {Set<string>} unseen
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
 * The unseen descriptions over code alone, through searchMany.
 * @param {string} folder
 * @param {string} templates
 * @param {Written[]} written
 * @param {Set<string>} unseen
 */
async function product(folder, templates, written, unseen) {
  const own = path.join(folder, 'nine-tenths-templates');
  copyFiles(
    written.filter(({ id }) => !unseen.has(id)).map(({ file }) => file),
    templates,
    own,
  );
  const ids = idsOf(written, unseen);
  /** @type {RetrievalReport | null} */
  let report = null;
  const learn = async (/** @type {FluoriteBridge} */ bridge) => {
    await bridge.learnFromSpikes({ path: own, onProgress: notes('nine tenths') });
    report = await bridge.trainRetrieval({ force: true });
    await storeAlone(bridge, written, ids);
  };
  return await withMemory(path.join(folder, 'nine-tenths'), learn, async (bridge) => {
    const asked = [...written.keys()].filter((at) => unseen.has(written[at].id));
    const questions = asked.map((at) => written[at].description);
    const scores = async (/** @type {import('..').SearchOptions} */ options) => {
      const found = await ask(bridge, questions, RANKS, { chunk_type: 'code', fold: false, ...options });
      return found.map((hits, number) => reciprocalRank(hits, ids[asked[number]]));
    };
    const { before, after } = await beforeAndAfter(bridge, async () => ({
      unseen: await scores({ id_prefix: 'u' }),
      all: await scores({}),
    }));
    const rows = ['ja', 'en'].flatMap((language) =>
      /** @type {const} */ (['unseen', 'all']).map((which) => {
        const of = (/** @type {number[]} */ values) =>
          values.filter((_, number) => written[asked[number]].language === language);
        return { language, which, before: estimate(of(before[which])), after: estimate(of(after[which])) };
      }),
    );
    return { report, rows };
  });
}

/**
 * Graded requests, before and after what was learned; code alone counts for its template.
 * @param {string} folder
 * @param {string} templates
 * @param {Written[]} written
 * @param {string} file
 */
async function requestsOver(folder, templates, written, file) {
  const requests = readRequests(file);
  const queries = requests.map(({ query }) => query);
  /** @type {RetrievalReport | null} */
  let report = null;
  const learn = async (/** @type {FluoriteBridge} */ bridge) => {
    await bridge.learnFromSpikes({ path: templates, onProgress: notes('all templates') });
    report = await bridge.trainRetrieval({ force: true });
    await storeAlone(bridge, written, idsOf(written, new Set()));
  };
  return await withMemory(path.join(folder, 'all'), learn, async (bridge) => {
    const gains = async (/** @type {import('..').SearchOptions} */ options) => {
      const found = await ask(bridge, queries, 2 * RANKS, options);
      return found.map((hits, at) => {
        const ids = hits.map((id) => (/^s\d{4}$/.test(id) ? written[Number(id.slice(1)) - 1].id : id));
        return discountedGain([...new Set(ids)], requests[at].relevant);
      });
    };
    const described = ['template', 'template-file'];
    const { before, after } = await beforeAndAfter(bridge, async () => ({
      templates: await gains({ chunk_type: described }),
      'and code alone': await gains({}),
    }));
    const rows = /** @type {const} */ (['templates', 'and code alone']).flatMap((what) =>
      ['ja', 'en'].map((language) => {
        const of = (/** @type {number[]} */ values) =>
          mean(values.filter((_, at) => requests[at].lang === language));
        return { what, language, before: of(before[what]), after: of(after[what]) };
      }),
    );
    return { report, rows };
  });
}

async function main() {
  const options = support.readOptions(HELP, {
    templates: path.join(support.ROOT, 'examples', 'spikes'),
    queries: '',
    splits: 5,
    keep: '',
  });
  const templates = path.resolve(options.templates);
  const written = handWritten(templates).map((one) => ({
    ...one,
    id: JSON.parse(fs.readFileSync(one.file, 'utf8')).id,
  }));
  /** @param {string} folder */
  const measure = async (folder) => {
    const values = [
      '--templates',
      templates,
      '--memory',
      path.join(folder, 'vectors'),
      '--splits',
      String(options.splits),
    ];
    /** @type {Ablations} */
    const ablations = JSON.parse(await runPython(values));
    printAblations(ablations);
    const through = await product(folder, templates, written, new Set(ablations.unseen));
    printReport(through.report);
    support.printTable(
      'Through searchSimilar, the first split, MRR@10 [95 %]',
      ['', 'candidates', 'before', 'after'],
      through.rows.map(({ language, which, before, after }) => [
        `${language}, ${before.count}`,
        which,
        shownEstimate(before),
        shownEstimate(after),
      ]),
    );
    /** @type {Awaited<ReturnType<typeof requestsOver>> | null} */
    let requests = null;
    if (options.queries === '') {
      process.stderr.write('Requests are left out: give a file of them with --queries.\n');
    } else {
      requests = await requestsOver(folder, templates, written, options.queries);
      printReport(requests.report);
      support.printTable(
        `Requests, nDCG@${RANKS}`,
        ['over', '', 'before', 'after'],
        requests.rows.map(({ what, language, before, after }) => [
          what,
          language,
          before.toFixed(3),
          after.toFixed(3),
        ]),
      );
    }
    support.saveResults('learned_retrieval', {
      templates: path.basename(templates),
      ablations,
      product: through,
      requests,
    });
  };
  if (options.keep === '') await support.withTemporaryFolder(measure);
  else await measure(path.resolve(options.keep));
}

main();
