// @ts-check
'use strict';

const { say } = require('../language.js');
const { printable, truncate } = require('./format.js');

const LINES_SHOWN = 3;

/** @typedef {import('fluorite-memory-engine').SearchHit} SearchHit */

/**
 * What finds the words that matched, longest first; undefined without any.
 * @param {string[]} terms
 */
function matcher(terms) {
  if (terms.length === 0) return undefined;
  const escaped = [...terms]
    .sort((a, b) => b.length - a.length)
    .map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(escaped.join('|'), 'giu');
}

/**
 * The lines that hold the most different matches, in their order; the first ones where none does.
 * @param {string} content
 * @param {RegExp | undefined} pattern
 * @returns {{number: number, text: string}[]} `number` counts from 1
 */
function tellingLines(content, pattern) {
  const lines = printable(content)
    .split('\n')
    .map((text, index) => ({ number: index + 1, text: text.trim().replaceAll('\t', ' ') }))
    .filter(({ text }) => text !== '');
  const matchesIn = (/** @type {string} */ text) =>
    new Set((pattern ? text.match(pattern) : null)?.map((match) => match.toLowerCase())).size;
  return lines
    .map((line) => ({ ...line, matches: matchesIn(line.text) }))
    .sort((a, b) => b.matches - a.matches)
    .slice(0, LINES_SHOWN)
    .sort((a, b) => a.number - b.number);
}

/**
 * A line cut to `columns` around its first match.
 * @param {string} text
 * @param {RegExp | undefined} pattern
 * @param {number} columns
 */
function excerpt(text, pattern, columns) {
  const place = pattern ? text.search(pattern) : -1;
  const start = place > columns - 20 ? place - 20 : 0;
  return truncate((start > 0 ? '…' : '') + text.slice(start), columns);
}

/** @param {SearchHit} hit */
function reasons({ explanation }) {
  if (!explanation) return '';
  const { lexical, parts, cosine } = explanation;
  const shown = [];
  const terms = lexical?.matched_terms.join(', ');
  const part = parts.lexical.toFixed(2);
  if (terms) shown.push(say('search.by_words', { part, terms }));
  if (parts.dense !== 0 && cosine !== null)
    shown.push(say('search.by_meaning', { part: parts.dense.toFixed(2) }));
  if (parts.quality > 0) shown.push(say('search.by_quality', { part: parts.quality.toFixed(2) }));
  return shown.join(' · ');
}

/**
 * @param {import('../context.js').Context} context
 * @param {import('fluorite-memory-engine').SearchHits} hits
 * @param {{whyWordsOnly?: boolean}} options whether to say why a text was compared by its words alone
 */
function printHits(context, hits, { whyWordsOnly = true }) {
  const { style } = context;
  const columns = Math.max(40, (process.stdout.columns || 100) - 8);
  hits.forEach((hit, index) => {
    const more = hit.variants > 0 ? `  ${style('dim', say('search.variants', { count: hit.variants }))}` : '';
    const score = style('green', hit.score.toFixed(2));
    context.print(`${index === 0 ? '' : '\n'}${score}  ${style('bold', printable(hit.id))}${more}`);
    const labels = [hit.chunk_type, hit.frameworks.join(', '), hit.tags.map((tag) => `#${tag}`).join(' ')];
    const labelled = printable(labels.filter(Boolean).join(' · '));
    context.print(`      ${style('cyan', truncate(labelled, columns))}`);
    const why = reasons(hit);
    if (why) context.print(`      ${style('dim', truncate(printable(why), columns))}`);
    if (typeof hit.content !== 'string') {
      context.print(`      ${say('show.bytes', { count: hit.content.length })}`);
      return;
    }
    const pattern = matcher(hit.explanation?.lexical?.matched_terms ?? []);
    const mark = (/** @type {string} */ found) => style('underline', style('yellow', found));
    for (const { number, text } of tellingLines(hit.content, pattern)) {
      const shown = excerpt(text, pattern, columns - 6);
      const marked = pattern ? shown.replace(pattern, mark) : shown;
      context.print(`  ${style('dim', String(number).padStart(6))}  ${marked}`);
    }
  });
  const { incomplete } = hits;
  if (!incomplete) return;
  const { changes_behind, without_vector, words_only } = incomplete;
  if (changes_behind > 0) context.note(say('search.behind', { count: changes_behind }));
  if (without_vector > 0 && whyWordsOnly)
    context.note(say('search.without_vector', { count: without_vector }));
  if (words_only && whyWordsOnly) context.note(say('search.words_only', { reason: words_only }));
}

module.exports = { excerpt, matcher, printHits, tellingLines };
