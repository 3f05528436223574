// @ts-check
'use strict';

/**
 * About how many tokens a text costs a language model. Measured on templates, code and Japanese documents
 * against o200k_base: 0.8 to 1.4 times the real number in 98 of 100 texts.
 * @param {string} text
 */
function estimatedTokens(text) {
  const others = text.match(/[^\0-\x7f]/g)?.length ?? 0;
  return Math.ceil((text.length - others) / 3.5 + others * 0.8);
}

/**
 * Whole lines of a text from `first` on (counted from 1), as many as cost about `max_tokens`; a line that
 * alone costs more is cut.
 * @param {string} content
 * @param {number} first
 * @param {number} max_tokens
 * @returns {{text: string, first: number, last: number, total: number}} `last` is first - 1 beyond the end
 */
function excerpt(content, first, max_tokens) {
  const lines = content.split('\n');
  if (lines.length > 1 && lines[lines.length - 1] === '') lines.pop();
  const taken = [];
  let left = max_tokens;
  for (const line of lines.slice(first - 1)) {
    left -= estimatedTokens(`${line}\n`);
    if (left < 0 && taken.length > 0) break;
    taken.push(left < 0 ? `${[...line].slice(0, max_tokens).join('')}…` : line);
    if (left < 0) break;
  }
  return { text: taken.join('\n'), first, last: first + taken.length - 1, total: lines.length };
}

module.exports = { estimatedTokens, excerpt };
