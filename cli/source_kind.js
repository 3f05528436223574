// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const MOST_ENTRIES = 20_000;
const MOST_READ = 20;
const TEMPLATE_KEYS = [/"files"\s*:\s*\[\s*\{/, /"(?:id|name)"\s*:/];
const DOCUMENT = /\.(?:md|markdown|mdx|ya?ml)$/i;

/** @typedef {'spikes' | 'documents' | 'code'} SourceKind */

/** @param {string} file */
function looksLikeTemplate(file) {
  const text = fs.readFileSync(file, 'utf8');
  return TEMPLATE_KEYS.every((key) => key.test(text));
}

/**
 * What a folder holds to learn: spike templates if most of its JSON files are such; else documents, code or
 * both. Looks at a bounded number of files.
 * @param {string} folder
 * @returns {SourceKind[]}
 */
function kindsOf(folder) {
  /** @type {string[]} */
  const json = [];
  let documents = 0;
  let others = 0;
  const waiting = [folder];
  for (let seen = 0; waiting.length > 0 && seen < MOST_ENTRIES; ) {
    const current = /** @type {string} */ (waiting.pop());
    for (const entry of fs.readdirSync(current, { withFileTypes: true })) {
      seen += 1;
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (entry.isDirectory()) waiting.push(path.join(current, entry.name));
      else if (!entry.isFile()) continue;
      else if (entry.name.endsWith('.json')) json.push(path.join(current, entry.name));
      else if (DOCUMENT.test(entry.name)) documents += 1;
      else others += 1;
    }
  }
  const read = json.slice(0, MOST_READ);
  const templates = read.filter(looksLikeTemplate).length;
  if (templates > 0 && templates * 2 >= read.length) return ['spikes'];
  /** @type {SourceKind[]} */
  const kinds = [];
  if (documents > 0) kinds.push('documents');
  if (others > 0) kinds.push('code');
  return kinds;
}

module.exports = { kindsOf };
