// @ts-check

/** What the parts of benchmarks/learning.js share: a memory that has learned all templates, and the gate's decisions. */

const fs = require('node:fs');
const path = require('node:path');
const { notes, withMemory } = require('./quality_memory.js');
const { printTable } = require('./support.js');

/** @typedef {import('..').FluoriteBridge} FluoriteBridge */
/** @typedef {import('..').RetrievalReport} RetrievalReport */

/**
 * A copy, to be changed, of the memory in `folder` that has learned all templates; learns first what it lacks.
 * @param {string} folder
 * @param {string} templates
 * @param {string} name of the copy
 * @returns {Promise<string>} its folder
 */
async function copyOfLearned(folder, templates, name) {
  const learned = path.join(folder, 'all-templates');
  await withMemory(
    learned,
    (bridge) => bridge.learnFromSpikes({ path: templates, onProgress: notes('all templates') }),
    async () => {},
  );
  return copyOf(learned, path.join(folder, name));
}

/** @param {string} memory that no bridge has open @param {string} copy replaced if it is there */
function copyOf(memory, copy) {
  fs.rmSync(copy, { recursive: true, force: true });
  fs.cpSync(memory, copy, { recursive: true });
  return copy;
}

/**
 * What the gate decides where nothing is learned of finding yet.
 * @param {FluoriteBridge} bridge
 * @param {string} name for the progress
 */
async function trainFromNothing(bridge, name) {
  await forget(bridge);
  return await bridge.trainRetrieval({ force: true, onProgress: notes(name) });
}

/** Takes back what was learned of finding. @param {FluoriteBridge} bridge */
async function forget(bridge) {
  while ((await bridge.getLearningStats()).retrieval.version > 0) await bridge.rollbackLearning();
}

/**
 * Runs `work` with what was learned of finding, and without it.
 * @template T
 * @param {FluoriteBridge} bridge
 * @param {() => Promise<T>} work
 * @returns {Promise<{before: T, after: T}>}
 */
async function beforeAndAfter(bridge, work) {
  const after = await work();
  await forget(bridge);
  return { before: await work(), after };
}

/** @param {string} what was learned from @param {RetrievalReport | null} report */
function printGate(what, report) {
  if (report === null) return;
  const { verdicts, seconds, training_pairs, held_out_pairs, general_pairs, version, reason } = report;
  const pairs = `${training_pairs} pairs learned from, ${held_out_pairs} held out, ${general_pairs} general`;
  printTable(
    `The gate, ${what}: ${pairs}; version ${version}`,
    ['candidate', 'adopted', 'why'],
    verdicts.length === 0
      ? [['none', 'no', reason]]
      : verdicts.map(({ candidate, adopted, reason }) => [candidate, adopted ? 'yes' : 'no', reason]),
  );
  printTable(
    `Seconds of learning to find, ${what}`,
    [...Object.keys(seconds), 'without embed'],
    [[...Object.values(seconds), withoutEmbedding(report)]],
  );
}

/** @param {RetrievalReport} report @returns {number} seconds */
function withoutEmbedding({ seconds }) {
  return seconds.total - (seconds.embed ?? 0);
}

module.exports = { beforeAndAfter, copyOf, copyOfLearned, printGate, trainFromNothing, withoutEmbedding };
