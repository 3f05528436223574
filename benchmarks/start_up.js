// @ts-check

const { fork } = require('node:child_process');
const path = require('node:path');
const { FluoriteBridge } = require('..');
const { contents, unitVectors } = require('./data.js');
const support = require('./support.js');

const HELP = `From require to the first answer, each time in a new process (the files are in the system's cache).

Usage: npm run bench:start-up -- [options]

  --children N   processes for each kind of start (default 10)
  --help         this text

Examples:
  npm run bench:start-up
  npm run bench:start-up -- --children 3
`;

const STAGES = {
  require: 'require',
  initialize: 'initialize',
  getChunk: 'first getChunk',
  searchVector: 'first searchSimilar, vector, enable_ml false',
  searchText: 'first searchSimilar, text, with the model',
};
const STEPS = ['require', 'initialize', 'first call'];
const CHUNKS = 100;

/** @typedef {keyof typeof STAGES} Stage */

/**
 * A memory of 100 chunks with given vectors, and one of the sample templates with the model's.
 * @param {string} folder
 */
async function prepare(folder) {
  const given = { memory_path: path.join(folder, 'given'), enable_ml: false };
  const learned = { memory_path: path.join(folder, 'learned') };
  const ids = Array.from({ length: CHUNKS }, (_, row) => `chunk-${row}`);
  const embeddings = unitVectors(CHUNKS, 1);
  const bridge = new FluoriteBridge();
  await bridge.initialize(given);
  await bridge.storeChunks({ ids, contents: contents(CHUNKS, 2), embeddings });
  await bridge.shutdown();
  await bridge.initialize(learned);
  const { chunks_stored } = await bridge.learnFromSpikes({
    path: path.join(support.ROOT, 'examples', 'spikes'),
  });
  await bridge.shutdown();
  return { given, learned, id: ids[7], vector: [...embeddings.subarray(0, 384)], chunks: chunks_stored };
}

/**
 * @param {object} request
 * @returns {Promise<Record<string, number>>} milliseconds of each step
 */
function coldStart(request) {
  return new Promise((resolve, reject) => {
    const child = fork(path.join(__dirname, 'start_up_child.js'), [JSON.stringify(request)]);
    child.once('message', (steps) => resolve(/** @type {Record<string, number>} */ (steps)));
    child.once('exit', (code) => reject(new Error(`the child ended with exit code ${code} and no answer`)));
  });
}

/** @param {Record<string, number>} steps */
const untilAnswer = (steps) => STEPS.reduce((sum, step) => sum + (steps[step] ?? 0), 0);

async function main() {
  const { children } = support.readOptions(HELP, { children: 10 });
  await support.withTemporaryFolder(async (folder) => {
    support.progress('making the memories');
    const { given, learned, chunks, ...values } = await prepare(folder);
    const stages = /** @type {Stage[]} */ (Object.keys(STAGES));
    /** @type {Record<string, Record<string, number>[]>} */
    const starts = Object.fromEntries(stages.map((stage) => [stage, []]));
    for (let child = 0; child < children; child++) {
      support.progress(`start ${child + 1} of ${children}`);
      for (const stage of stages) {
        const options = stage === 'searchText' ? learned : given;
        const text = `cursor pagination with a stable order ${child}`;
        starts[stage].push(await coldStart({ ...values, stage, options, text }));
      }
    }
    const figures = stages.map((stage) => {
      const totals = starts[stage].map(untilAnswer);
      const steps = Object.keys(starts[stage][0]).map((step) => {
        const taken = starts[stage].map((one) => one[step]);
        return { step, p50: support.quantile(taken, 0.5), max: Math.max(...taken) };
      });
      return { stage, p50: support.quantile(totals, 0.5), max: Math.max(...totals), steps };
    });
    support.printTable(
      `From require to the answer, milliseconds, ${children} cold processes each`,
      ['start', 'p50', 'max'],
      figures.map(({ stage, p50, max }) => [STAGES[stage], p50, max]),
    );
    const columns = figures[figures.length - 1].steps.map(({ step }) => step);
    support.printTable(
      `Its steps, p50 in milliseconds (text is sought among ${chunks} chunks, a vector among ${CHUNKS})`,
      ['start', ...columns],
      figures.map(({ stage, steps }) => [
        STAGES[stage],
        ...columns.map((column) => steps.find(({ step }) => step === column)?.p50),
      ]),
    );
    support.saveResults('start-up', { children, unit: 'milliseconds', figures });
  });
}

main();
