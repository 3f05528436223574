// @ts-check

/** What became of every file of a folder of templates. */

const fs = require('node:fs');
const path = require('node:path');
const { printTable } = require('./support.js');

const PAGE = 10_000;

/** @typedef {import('..').FluoriteBridge} FluoriteBridge */
/** @typedef {'learned as it is' | 'mended and learned' | 'reported, not learned' | 'unaccounted for'} Fate */

/** @param {FluoriteBridge} bridge @returns {Promise<Set<string>>} the files that its templates were read from */
async function filesLearned(bridge) {
  const files = new Set();
  /** @type {string | undefined} */
  let cursor;
  do {
    const page = await bridge.listChunks({ limit: PAGE, cursor });
    for (const { chunk_type, metadata } of page.chunks) {
      if (chunk_type === 'template') files.add(metadata.source);
    }
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return files;
}

/** @param {string} folder @returns {string[]} the JSON files in it and in the folders in it */
function jsonFiles(folder) {
  const found = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return found.flatMap((name) => (name.endsWith('.json') ? [path.join(folder, name)] : []));
}

/** @param {string} file */
function isJson(file) {
  try {
    JSON.parse(fs.readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/**
 * Looks for every file in the memory and in the report of the run that has read them all.
 * @param {FluoriteBridge} bridge
 * @param {string} folder
 * @param {string[]} files
 * @param {import('..').LearningReport} report
 */
async function accountFor(bridge, folder, files, { repaired, malformed }) {
  const learned = await filesLearned(bridge);
  const mended = new Set(repaired);
  const reported = new Set(malformed.map(({ file }) => file));
  /** @type {Record<Fate, {files: number, not_json: number}>} */
  const fates = {
    'learned as it is': { files: 0, not_json: 0 },
    'mended and learned': { files: 0, not_json: 0 },
    'reported, not learned': { files: 0, not_json: 0 },
    'unaccounted for': { files: 0, not_json: 0 },
  };
  for (const file of files) {
    const name = path.relative(folder, file).split(path.sep).join('/');
    const fate = fates[fateOf(learned.has(name), mended.has(name), reported.has(name))];
    fate.files += 1;
    if (!isJson(file)) fate.not_json += 1;
  }
  return fates;
}

/** @param {boolean} learned @param {boolean} mended @param {boolean} reported @returns {Fate} */
function fateOf(learned, mended, reported) {
  if (learned) return mended ? 'mended and learned' : 'learned as it is';
  return reported ? 'reported, not learned' : 'unaccounted for';
}

/** @param {Awaited<ReturnType<typeof accountFor>>} fates */
function printAccount(fates) {
  const rows = Object.entries(fates).map(([fate, { files, not_json }]) => [fate, files, not_json]);
  const sum = (/** @type {number} */ column) => rows.reduce((total, row) => total + Number(row[column]), 0);
  printTable(
    'What became of every file',
    ['', 'files', 'of them no valid JSON'],
    [...rows, ['all', sum(1), sum(2)]],
  );
}

module.exports = { accountFor, jsonFiles, printAccount };
