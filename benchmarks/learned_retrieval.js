// @ts-check

/** What each part of learned retrieval gains on templates that were never seen, whatever the gate would say. */

const { spawn } = require('node:child_process');
const path = require('node:path');
const support = require('./support.js');

/** @typedef {[number, number] | null} Spread mean and deviation over the splits; null: nothing in that language */
/** @typedef {{ja: Spread, en: Spread}} Languages */
/** @typedef {{name: string, counted: 'own' | 'folded', unseen: Languages, all: Languages}} Row */
/**
 * @typedef {object} Drawn
 * @property {number} unseen_templates
 * @property {Row[]} rows
 * @property {Record<string, number>} seconds
 */
/**
 * @typedef {object} Ablations
 * @property {number} templates
 * @property {number} families
 * @property {number} splits
 * @property {{templates: Drawn, families: Drawn}} drawn
 * @property {string[]} unseen in the first split by families
 */

const TITLES = /** @type {const} */ ({
  templates: 'a tenth of the templates unseen, at random: near copies of them may have been learned',
  families: 'a tenth of the families unseen, at random: no near copy of them has been learned',
});

/**
 * @param {string} templates
 * @param {string} folder keeps the vectors
 * @param {number} splits
 * @returns {Promise<Ablations>}
 */
async function measureAblations(templates, folder, splits) {
  const values = ['--templates', templates, '--memory', path.join(folder, 'vectors')];
  return JSON.parse(await runPython([...values, '--splits', String(splits)]));
}

/** @param {string[]} values @returns {Promise<string>} what benchmarks/learned_retrieval.py prints */
function runPython(values) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONPATH: path.join(support.ROOT, 'python') };
    const script = path.join(__dirname, 'learned_retrieval.py');
    const child = spawn(support.pythonProgram(), [script, ...values], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output.stderr += text;
      support.progress(`unseen tenths: ${text.trim()}`);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', kill);
      if (code === 0) resolve(output.stdout);
      else reject(new Error(`learned_retrieval.py ended with exit code ${code}: ${output.stderr}`));
    });
  });
}

/** @param {Ablations} figures */
function printAblations({ templates, families, splits, drawn }) {
  const shown = (/** @type {Spread} */ spread) =>
    spread === null ? '' : `${spread[0].toFixed(3)} ± ${spread[1].toFixed(3)}`;
  const [count, groups] = [templates, families].map((number) => number.toLocaleString('en-US'));
  process.stdout.write(
    `\n${count} hand-written templates of ${groups} families. own: only a template's own code counts.\n` +
      'folded: near-identical code is one hit, as on the page that a user gets, and counts for what it holds.\n',
  );
  for (const way of /** @type {const} */ (['templates', 'families'])) {
    const { unseen_templates, rows, seconds } = drawn[way];
    const unseen = `the ${Math.round(unseen_templates)} unseen`;
    support.printTable(
      `Description → code, MRR@10 (mean ± deviation over ${splits} splits);\n${TITLES[way]}`,
      [
        '',
        'counted',
        ...['ja', 'en'].map((one) => `${one}, among ${unseen}`),
        ...['ja', 'en'].map((one) => `${one}, among all ${count}`),
      ],
      rows.map(({ name, counted, unseen, all }) => [
        counted === 'own' ? name : '',
        counted,
        ...[unseen.ja, unseen.en, all.ja, all.en].map(shown),
      ]),
    );
    support.printTable('Seconds to learn from the other nine tenths', Object.keys(seconds), [
      Object.values(seconds),
    ]);
  }
}

module.exports = { measureAblations, printAblations };
