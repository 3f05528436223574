// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
require('./isolate.js');
const { width, truncate, duration, bytes, table } = require('../cli/terminal/format.js');
const { languageOf, useLanguage } = require('../cli/language.js');
const { wrap } = require('../cli/help.js');
const engineErrors = require('../cli/messages/ja/engine_errors.js');
const en = require('../cli/messages/en.js');
const ja = require('../cli/messages/ja.js');
const { ROOT } = require('./cli_support.js');

/** @param {string} folder @returns {string[]} */
function sources(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'messages' ? [] : sources(full);
    return entry.name.endsWith('.js') ? [fs.readFileSync(full, 'utf8')] : [];
  });
}

/** @param {string} text */
const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test('both catalogues have the same messages with the same values', () => {
  assert.deepEqual(Object.keys(ja).sort(), Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) {
    assert.deepEqual(placeholders(/** @type {any} */ (ja)[key]), placeholders(text), key);
  }
});

test('every message is used', () => {
  const text = sources(path.join(ROOT, 'cli')).join('\n');
  // Keys are written whole, or put together from a beginning and a name.
  const beginnings = [...text.matchAll(/`([a-z_]+\.[a-z]*_?)\$\{/g)].map((match) => match[1]);
  const commands = /^[a-z-]+\.(description|examples)$/;
  for (const key of Object.keys(en)) {
    const used = text.includes(`'${key}'`) || beginnings.some((beginning) => key.startsWith(beginning));
    assert.ok(used || commands.test(key), key);
  }
});

test('the Japanese frame knows every error code of the engine, and no others', () => {
  const types = fs.readFileSync(path.join(ROOT, 'types', 'index.d.ts'), 'utf8');
  const union = types.slice(
    types.indexOf('export type ErrorCode'),
    types.indexOf('export class FluoriteError'),
  );
  const codes = [...union.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map((match) => match[1]);
  assert.ok(codes.length > 10);
  assert.deepEqual(Object.keys(engineErrors).sort(), codes.sort());
});

test('widths count columns: Japanese two, marks and escapes none', () => {
  assert.equal(width('abc'), 3);
  assert.equal(width('日本語'), 6);
  assert.equal(width('か\u3099'), 2);
  assert.equal(width('\u001b[31m赤\u001b[39m'), 2);
  assert.equal(truncate('日本語の文', 7), '日本語…');
  assert.equal(truncate('short', 5), 'short');
  assert.deepEqual(
    table(
      [
        ['日本', '1'],
        ['a', '22'],
      ],
      { right: [1] },
    ),
    ['日本   1', 'a     22'],
  );
});

test('Japanese help wraps between characters, English at spaces', () => {
  assert.equal(wrap('コードを検索する', 8), 'コードを\n検索する');
  assert.equal(wrap('保存。する', 4), '保\n存。\nする');
  assert.equal(wrap('words that wrap', 10), 'words that\nwrap');
  assert.equal(wrap('kept\nlines', 40), 'kept\nlines');
});

test('times and sizes read in the language', () => {
  useLanguage('en');
  assert.equal(duration(420), '420 ms');
  assert.equal(duration(4200), '4.2 s');
  assert.equal(duration(125_000), '2 min 5 s');
  assert.equal(duration(6_000_000), '1 h 40 min');
  useLanguage('ja');
  assert.equal(duration(125_000), '2 分 5 秒');
  assert.equal(bytes(1536), '1.5 KiB');
  assert.equal(bytes(300 * 1024 * 1024), '300 MiB');
  useLanguage(languageOf(process.env));
});

test('docs/command-line.md says what the commands say', () => {
  const { PAGE, commandLinePage } = require('../scripts/command_line_page.js');
  const expected = commandLinePage();
  useLanguage(languageOf(process.env));
  assert.equal(fs.readFileSync(PAGE, 'utf8'), expected, 'make it again: npm run docs:command-line');
});
