// @ts-check

const fs = require('node:fs');
const path = require('node:path');
const { measureFeedback } = require('./feedback.js');
const { readFamilies } = require('./feedback_effect.js');
const { jsonFiles } = require('./learning_account.js');
const { measureAblations, printAblations } = require('./learned_retrieval.js');
const { measureRequestsLearned, printRequestsLearned } = require('./learned_requests.js');
const { measureThroughSearch, printThroughSearch } = require('./learned_search.js');
const { measureTimes, printTimes } = require('./learning_times.js');
const { handWritten } = require('./quality_code.js');
const { readRequests } = require('./quality_requests.js');
const support = require('./support.js');

const HELP = `What learning takes, and what it gains. Prints tables and writes one JSON file.

times      learnFromSpikes from nothing, unchanged, and with 1 % of the files changed: seconds by stage, what became
           of every file, the gate's decisions, memory and bytes on disk.
retrieval  Description → code of templates that were never seen, MRR@10 by language: words, meaning and both, and with
           each part that is learned, whatever the gate would say. A tenth is unseen, --splits times over, drawn by
           templates, and by families of near-identical ones. Candidates are the code of the unseen tenth, and of all
           hand-written templates. Counted in two ways: a template's own code alone, and folded, as search shows near-
           identical code as one hit. Then the first split by families through the public package, with the gate.
requests   nDCG@10 of graded requests before and after what was learned, over all templates, and with the code of the
           hand-written ones stored alone beside them.
feedback   What 0, 10, 100 and 1,000 feedbacks do. Families: a graded request and its paraphrases; feedback is given
           for the request and its first paraphrase: the ten hits of each and the graded templates are rated by
           their grade (2: 1, 1: 0.75, else 0), best first, over and over. Columns: nDCG@10 of the paraphrases that
           no feedback was given for, nDCG@10 of the requests of no family, and the share of these whose ten hits
           stayed as they were. Neighbours: pairs of hand-written templates whose descriptions are alike (cosine
           0.6 to 0.8); ten good ratings of the one; how well the other's description still finds it, MRR@10.
           Time: one search with its vector known, by the number of feedbacks, each for a query of its own, and what
           of it looks the feedback up.

Intervals are 95 %. times and retrieval need templates; requests and feedback need graded requests too.

Usage: npm run bench:learning -- --templates DIR --requests FILE [options]

  --templates DIR     folder of spike templates; give many
  --requests FILE     JSON lines: {"qid", "lang", "kind", "query", "relevant": {template id: 1 or 2}}
  --only PARTS        some of times,retrieval,requests,feedback, with commas (default all)
  --splits N          how often a tenth is drawn in each way (default 5)
  --paraphrases FILE  JSON lines: {"qid", "paraphrases": [three or more texts]} (default those beside this script)
  --config FILE       TOML file for the bridge of times, for example with [ml] precision = "fp32" (default none)
  --keep DIR          keeps the memories of the other parts there and learns only what has changed (default: removed)
  --help              this text

Examples:
  npm run bench:learning -- --templates ../fluorite-mcp/spikes --requests requests.jsonl
  npm run bench:learning -- --templates ../fluorite-mcp/spikes --only times,retrieval
  npm run bench:learning -- --templates examples/spikes --only times
`;

const PARTS = ['times', 'retrieval', 'requests', 'feedback'];
const NEED_REQUESTS = ['requests', 'feedback'];
const FEWEST_WRITTEN = 100;
const REQUESTS = 'graded requests, one JSON object a line';
const PARAPHRASES = 'paraphrases of the requests, one JSON object a line';

/** @param {string} list @returns {string[]} */
function chosenParts(list) {
  if (list === '') return PARTS;
  const wanted = list.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !PARTS.includes(name));
  if (unknown !== undefined) {
    support.refuse(`--only: there is no part '${unknown}'. The parts are ${PARTS.join(', ')}.`);
  }
  return PARTS.filter((name) => wanted.includes(name));
}

/** The options, checked before anything is measured; what is wrong with one ends the process. */
function readChoices() {
  const options = support.readOptions(HELP, {
    templates: '',
    requests: '',
    only: '',
    splits: 5,
    paraphrases: path.join(__dirname, 'feedback_paraphrases.jsonl'),
    config: '',
    keep: '',
  });
  const parts = chosenParts(options.only);
  const templates = checkedTemplates(options.templates, parts);
  const requests = checkedRequests(options.requests, parts);
  const paraphrases = support.existing('--paraphrases', options.paraphrases, 'file', PARAPHRASES);
  const families = reading('--paraphrases', () => readFamilies(paraphrases, requests));
  if (parts.includes('feedback') && families.length === 0) {
    support.refuse(
      `--paraphrases: no qid of ${paraphrases} is among the requests. Give a file of ${PARAPHRASES}.`,
    );
  }
  const { config } = options;
  return {
    parts,
    templates,
    requests,
    families,
    splits: options.splits,
    config: config === '' ? '' : support.existing('--config', config, 'file', 'settings in TOML'),
    keep: options.keep === '' ? '' : path.resolve(options.keep),
  };
}

/** @param {string} given @param {string[]} parts @returns {string} the folder */
function checkedTemplates(given, parts) {
  const templates = support.existing('--templates', given, 'folder', 'spike templates');
  if (jsonFiles(templates).length === 0) support.refuse(`--templates: ${templates} holds no JSON file.`);
  const written = handWritten(templates).length;
  if (parts.includes('retrieval') && written < FEWEST_WRITTEN) {
    support.refuse(
      `--templates: ${templates} holds ${written} hand-written templates, and ${FEWEST_WRITTEN} are needed to ` +
        'leave a tenth of them unseen. Give a folder of more, or measure the rest with --only.',
    );
  }
  return templates;
}

/** @param {string} given @param {string[]} parts */
function checkedRequests(given, parts) {
  const lacking = parts.filter((part) => NEED_REQUESTS.includes(part));
  if (given === '' && lacking.length > 0) {
    const others = PARTS.filter((part) => !NEED_REQUESTS.includes(part)).join(',');
    support.refuse(
      `--requests is missing, and ${lacking.join(' and ')} cannot be measured without. ` +
        `Give it a file of ${REQUESTS}, or measure the rest with --only ${others}.`,
    );
  }
  if (given === '') return [];
  const file = support.existing('--requests', given, 'file', REQUESTS);
  return reading('--requests', () => readRequests(file));
}

/**
 * What `read` reads from an option's file, or the end of the process.
 * @template T
 * @param {string} option
 * @param {() => T} read
 * @returns {T}
 */
function reading(option, read) {
  try {
    return read();
  } catch (error) {
    return support.refuse(
      `${option}: ${error instanceof Error ? error.message : error}. --help shows a line.`,
    );
  }
}

/** @typedef {ReturnType<typeof readChoices>} Choices */

/** @type {Record<string, (choices: Choices, folder: string) => Promise<object>>} */
const MEASURE = {
  times: async ({ templates, config }) =>
    await support.withTemporaryFolder(async (own) => {
      const figures = await measureTimes(templates, own, config);
      printTimes(figures);
      return figures;
    }),
  retrieval: async ({ templates, splits }, folder) => {
    const ablations = await measureAblations(templates, folder, splits);
    printAblations(ablations);
    const search = await measureThroughSearch(templates, folder, new Set(ablations.unseen));
    printThroughSearch(search);
    return { ablations, search };
  },
  requests: async ({ templates, requests }, folder) => {
    const figures = await measureRequestsLearned(templates, folder, requests);
    printRequestsLearned(figures);
    return figures;
  },
  feedback: async ({ templates, requests, families }, folder) =>
    await measureFeedback(templates, folder, requests, families),
};

async function main() {
  const choices = readChoices();
  const { parts, templates, keep } = choices;
  /** @type {Record<string, object>} */
  const figures = {};
  const measure = async (/** @type {string} */ folder) => {
    for (const [number, part] of parts.entries()) {
      support.progress(`part ${number + 1} of ${parts.length}: ${part}`);
      figures[part] = await MEASURE[part](choices, folder);
    }
  };
  if (keep === '') await support.withTemporaryFolder(measure);
  else {
    fs.mkdirSync(keep, { recursive: true });
    await measure(keep);
  }
  support.saveResults('learning', { templates: path.basename(templates), ...figures });
}

main();
