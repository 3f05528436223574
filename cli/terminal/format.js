// @ts-check
'use strict';

const { language, say } = require('../language.js');

const ASCII = /^[ -~]*$/;
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const NO_WIDTH = /[\p{Mark}\u200b-\u200f\ufeff]/u;
const CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins every style.
const STYLE = /(\u001b\[\d+m)/;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** @param {number} milliseconds */
function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return say('format.milliseconds', { count: Math.round(milliseconds) });
  if (seconds < 10) return say('format.seconds', { count: seconds.toFixed(1) });
  if (seconds < 90) return say('format.seconds', { count: Math.round(seconds) });
  if (seconds < 90 * 60) {
    return say('format.minutes', { minutes: Math.floor(seconds / 60), seconds: Math.round(seconds % 60) });
  }
  return say('format.hours', {
    hours: Math.floor(seconds / 3600),
    minutes: Math.floor((seconds % 3600) / 60),
  });
}

/** @param {number} count */
function bytes(count) {
  const power = count < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(count) / 10));
  const amount = count / 1024 ** power;
  return `${amount < 10 && power > 0 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[power]}`;
}

/** @param {number} value */
const number = (value) => value.toLocaleString('en');

/** @param {number} share 0 to 1 */
const percent = (share) => `${Math.round(share * 100)} %`;

/** @param {number} milliseconds since 1970 */
function dateTime(milliseconds) {
  return new Date(milliseconds).toLocaleString(language() === 'ja' ? 'ja-JP' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
}

/**
 * Columns that a text takes on a terminal, escape sequences left out.
 * @param {string} text
 */
function width(text) {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const character of require('node:util').stripVTControlCharacters(text)) {
    if (!NO_WIDTH.test(character)) columns += WIDE.test(character) ? 2 : 1;
  }
  return columns;
}

/**
 * @param {string} text without escape sequences
 * @param {number} columns
 */
function truncate(text, columns) {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += width(character);
    if (used >= columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/**
 * A stored text as one that a terminal shows and does not obey.
 * @param {string} text
 */
function printable(text) {
  return text
    .replaceAll('\r\n', '\n')
    .replace(CONTROL, (character) => (/[\n\t]/.test(character) ? character : '\ufffd'));
}

/**
 * The same of a text with styles of our own, which stay.
 * @param {string} text
 */
function harmless(text) {
  return text
    .split(STYLE)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

/**
 * Rows as aligned columns, two spaces apart.
 * @param {string[][]} rows
 * @param {{right?: number[], indent?: string}} [options] numbers of the columns that are aligned to the right
 * @returns {string[]} lines
 */
function table(rows, { right = [], indent = '' } = {}) {
  /** @type {number[]} */
  const widths = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const gap = ' '.repeat(widths[column] - width(cell));
      return right.includes(column) ? gap + cell : cell + gap;
    });
    return (indent + cells.join('  ')).trimEnd();
  });
}

/**
 * @param {number} share 0 to 1
 * @param {number} columns
 */
function bar(share, columns) {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * columns * 8);
  const part = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8];
  return '█'.repeat(Math.floor(eighths / 8)) + part;
}

/**
 * Counts by name as a table with bars.
 * @param {[string, number][]} counts
 * @param {{indent?: string, columns?: number, shown?: (value: number) => string}} [options] `columns` of the
 *   longest bar
 * @returns {string[]} lines
 */
function histogram(counts, { indent = '', columns = 24, shown = number } = {}) {
  const most = Math.max(1, ...counts.map(([, count]) => count));
  const rows = counts.map(([name, count]) => [name, shown(count), bar(count / most, columns)]);
  return table(rows, { right: [1], indent });
}

module.exports = {
  bar,
  bytes,
  dateTime,
  duration,
  harmless,
  histogram,
  number,
  percent,
  printable,
  table,
  truncate,
  width,
};
