// @ts-check

const os = require('node:os');
const path = require('node:path');
const { templateTexts } = require('./data.js');
const { openFluorite, openSentenceTransformers } = require('./embedding_subjects.js');
const support = require('./support.js');

const HELP = `Texts to vectors through the bridge, in fp32 and int8, beside SentenceTransformer.encode in a Python of its own.

All have the same texts and threads and take turns; every turn has new texts, because the engine embeds
no text twice. The times of sentence-transformers are of encode alone, the bridge's are whole calls.

Usage: npm run bench:embedding -- [options]

  --templates DIR   where the texts come from (default examples/spikes)
  --rounds N        turns of each subject (default 5)
  --texts N         short texts in a turn; a quarter of them where they are long (default 256)
  --threads N       threads of each subject (default: the processor's cores, 8 at most)
  --help            this text

Examples:
  npm run bench:embedding
  npm run bench:embedding -- --rounds 2 --texts 64 --threads 1
`;

/** Characters of code that make about 31 tokens, and more than the 256 at which the model cuts. */
const SHORT = 85;
const LONG = 1100;
const CALLS_WITH_ONE_TEXT = 16;

/**
 * @typedef {import('./embedding_subjects.js').Subject} Subject
 * @typedef {{name: string, subjects: Subject[], characters: number, texts: number, calls: number}} Task
 */

let serial = 0;

/**
 * Texts that no other turn has.
 * @param {string} corpus
 * @param {Task} task
 */
function newTexts(corpus, { characters, texts }) {
  return Array.from({ length: texts }, () => {
    serial += 1;
    const start = (serial * characters) % (corpus.length - characters);
    return `${serial} ${corpus.slice(start, start + characters)}`;
  });
}

/** @param {ArrayLike<number>} one @param {ArrayLike<number>} other both of unit length */
const cosine = (one, other) => Array.from(one).reduce((sum, value, index) => sum + value * other[index], 0);

/** @param {Task} task @param {string} corpus @param {number} rounds */
async function measure(task, corpus, rounds) {
  const { name, subjects, texts, calls } = task;
  const reference = subjects.findIndex((subject) => subject.name.startsWith('sentence-transformers'));
  const milliseconds = subjects.map(() => /** @type {number[]} */ ([]));
  const cosines = subjects.map(() => 1);
  let tokens = 0;
  for (const subject of subjects) await subject.embed(newTexts(corpus, task));
  for (let round = 0; round < rounds; round++) {
    support.progress(`${name}: round ${round + 1} of ${rounds}`);
    for (let call = 0; call < calls; call++) {
      const given = newTexts(corpus, task);
      const answers = new Array(subjects.length);
      for (let turn = 0; turn < subjects.length; turn++) {
        const number = (round + call + turn) % subjects.length;
        answers[number] = await subjects[number].embed(given);
      }
      answers.forEach(({ seconds, vector }, number) => {
        milliseconds[number].push((seconds * 1000) / texts);
        cosines[number] = Math.min(cosines[number], cosine(vector, answers[reference].vector));
      });
      tokens += answers[reference].tokens / (rounds * calls);
    }
  }
  const p50s = milliseconds.map((taken) => support.quantile(taken, 0.5));
  return subjects.map((subject, number) => ({
    task: name,
    tokens: Math.round(tokens),
    subject: subject.name,
    p50: p50s[number],
    p99: support.quantile(milliseconds[number], 0.99),
    texts_per_second: 1000 / p50s[number],
    ratio: p50s[number] / p50s[reference],
    least_cosine: cosines[number],
  }));
}

async function main() {
  const options = support.readOptions(HELP, {
    templates: path.join(support.ROOT, 'examples', 'spikes'),
    rounds: 5,
    texts: 256,
    threads: Math.min(8, os.cpus().length),
  });
  const { templates, rounds, texts, threads } = options;
  const corpus = templateTexts(templates).join('\n');
  if (corpus.length < 10 * LONG)
    throw new Error(`${templates} holds too little text. Give another --templates.`);
  await support.withTemporaryFolder(async (folder) => {
    support.progress('loading the models');
    const fp32 = await openFluorite(folder, 'fp32', threads);
    const int8 = await openFluorite(folder, 'int8', threads);
    const peer = await openSentenceTransformers(threads);
    const own = [fp32.subject, int8.subject];
    const one = { subjects: [...own, peer.subject(1)], texts: 1, calls: CALLS_WITH_ONE_TEXT };
    const many = { subjects: [...own, peer.subject(32), peer.subject(1)], calls: 1 };
    const figures = [
      ...(await measure({ ...one, name: 'one short text', characters: SHORT }, corpus, rounds)),
      ...(await measure({ ...one, name: 'one long text', characters: LONG }, corpus, rounds)),
      ...(await measure({ ...many, name: 'short texts', characters: SHORT, texts }, corpus, rounds)),
      ...(await measure(
        { ...many, name: 'long texts', characters: LONG, texts: Math.ceil(texts / 4) },
        corpus,
        rounds,
      )),
    ];
    for (const { stop } of [fp32, int8, peer]) await stop();
    support.printTable(
      `Texts to vectors: ${threads} threads, ${rounds} rounds; a ratio below 1 is faster than sentence-transformers`,
      ['task', 'tokens', 'subject', 'ms/text p50', 'p99', 'texts/s', 'ratio', 'least cosine'],
      figures.map(({ least_cosine, ...row }) => [...Object.values(row), least_cosine.toFixed(5)]),
    );
    support.saveResults('embedding', { ...options, templates: path.basename(templates), figures });
  });
}

main();
