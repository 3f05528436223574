// @ts-check

/** Description → code: hand-written templates' code alone in a memory, found by their descriptions. */

const fs = require('node:fs');
const path = require('node:path');
const { randomNumbers } = require('./data.js');
const { estimate, reciprocalRank, RANKS, shownEstimate } = require('./quality_measures.js');
const { ask, notes, withMemory } = require('./quality_memory.js');
const { printTable } = require('./support.js');

const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/;
const STUB = 'Auto-generated spike';
const LEAST_CODE = 40;
const LANGUAGES = /** @type {const} */ (['ja', 'en']);

/** @type {Record<string, import('..').SearchOptions>} */
const METHODS = {
  lexical: { weights: { dense: 0, quality: 0 }, fold: false },
  dense: { weights: { lexical: 0, quality: 0 }, fold: false },
  fused: { weights: { quality: 0 }, fold: false },
};

/**
 * A template that a person wrote, with real code.
 * @typedef {{file: string, description: string, language: typeof LANGUAGES[number], code: string}} HandWritten
 */

/** @param {string} folder @returns {HandWritten[]} in the order of the files */
function handWritten(folder) {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const file = path.join(folder, name);
      const { description, files } = parsed(fs.readFileSync(file, 'utf8'));
      if (typeof description !== 'string' || description === '' || description.startsWith(STUB)) return [];
      const all = Array.isArray(files) ? files : [];
      const contents = all.map((one) => one.template || one.content || '');
      const code = contents.join('\n').trim();
      const language = JAPANESE.test(description) ? 'ja' : 'en';
      return code.length < LEAST_CODE ? [] : [{ file, description, language, code }];
    });
}

/** @param {string} json @returns {any} an empty object for what is no JSON */
function parsed(json) {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}

/**
 * @param {HandWritten[]} templates
 * @param {number} most of each language
 * @returns {number[]} positions, at random but always the same
 */
function chosen(templates, most) {
  const random = randomNumbers(7);
  return LANGUAGES.flatMap((language) => {
    const own = [...templates.keys()].filter((at) => templates[at].language === language);
    const order = new Map(own.map((at) => [at, random()]));
    return own.sort((one, other) => Number(order.get(one)) - Number(order.get(other))).slice(0, most);
  });
}

/**
 * @param {string} folder for the memory
 * @param {HandWritten[]} templates
 * @param {number} perLanguage most descriptions of each language
 */
async function measureCode(folder, templates, perLanguage) {
  // Ids are searched too, so they must not tell what a template is about.
  const ids = templates.map((_, at) => `t${String(at + 1).padStart(4, '0')}`);
  const store = async (/** @type {import('..').FluoriteBridge} */ bridge) => {
    const contents = templates.map(({ code }) => code);
    const { rejected } = await bridge.storeChunks({ ids, contents }, { onProgress: notes('code') });
    if (rejected.length > 0) throw new Error(`Not stored: ${JSON.stringify(rejected[0])}`);
  };
  return await withMemory(folder, store, async (bridge) => {
    const picks = chosen(templates, perLanguage);
    const queries = picks.map((at) => templates[at].description);
    const rows = [];
    for (const [name, options] of Object.entries(METHODS)) {
      const found = await ask(bridge, queries, RANKS, options);
      const scores = found.map((hits, number) => reciprocalRank(hits, ids[picks[number]]));
      const languages = LANGUAGES.flatMap((language) => {
        const own = scores.filter((_, number) => templates[picks[number]].language === language);
        return own.length === 0 ? [] : [[language, estimate(own)]];
      });
      rows.push({ name, options, languages: Object.fromEntries(languages) });
    }
    return { chunks: templates.length, rows };
  });
}

/** @param {Awaited<ReturnType<typeof measureCode>>} figures */
function printCode({ chunks, rows }) {
  const languages = Object.keys(rows[0].languages);
  printTable(
    `Description → code among ${chunks.toLocaleString('en-US')} hand-written templates, MRR@10 [95 %]`,
    ['', ...languages.map((language) => `${language}, ${rows[0].languages[language].count} descriptions`)],
    rows.map(({ name, languages: own }) => [
      name,
      ...languages.map((language) => shownEstimate(own[language])),
    ]),
  );
}

module.exports = { handWritten, measureCode, printCode };
