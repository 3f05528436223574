// @ts-check
'use strict';

/** @typedef {import('../types/index.js').Chunk} Chunk */

const LONGEST = 160;
const LONGEST_NAME = 80;

/**
 * What an assistant needs to judge a chunk by: a name, and one or two lines about it.
 * @param {Chunk} chunk
 * @param {Chunk | null} [template] that the chunk is a file of
 * @returns {{name: string, summary: string}}
 */
function summaryOf(chunk, template) {
  const described = template ?? chunk;
  const { name, headings } = described.metadata;
  const description = text(described.metadata.description);
  return {
    name: cut(Array.isArray(headings) ? headings.join(' › ') : text(name) || chunk.id, LONGEST_NAME),
    summary: cut(description || opening(chunk.content), LONGEST),
  };
}

/**
 * The templates that some of these chunks are files of.
 * @param {import('../types/index.js').FluoriteBridge} bridge
 * @param {Chunk[]} chunks
 * @returns {Promise<Map<unknown, Chunk | null>>} by id
 */
async function templatesOf(bridge, chunks) {
  const ids = new Set(chunks.map((chunk) => text(chunk.metadata.template)).filter((id) => id !== ''));
  const found = ids.size > 0 ? await bridge.getChunks([...ids]) : [];
  return new Map([...ids].map((id, position) => [id, found[position]]));
}

/**
 * Its first words, without the marks of headings and comments.
 * @param {string | Uint8Array} content
 */
function opening(content) {
  if (typeof content !== 'string') return `${content.length} bytes`;
  const lines = content
    .slice(0, 2000)
    .split('\n')
    .map((line) => line.replace(/^[\s#*/;<!-]+/, '').trim());
  return lines.filter((line) => line.length > 2).join(' ');
}

/** @param {unknown} value */
function text(value) {
  return typeof value === 'string' ? value.trim() : '';
}

/** @param {string} value @param {number} most characters */
function cut(value, most) {
  const line = value.replace(/\s+/g, ' ');
  const characters = [...line];
  return characters.length <= most
    ? line
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

/** @param {number} value @param {number} [digits] */
function rounded(value, digits = 2) {
  return Number(value.toFixed(digits));
}

module.exports = { rounded, summaryOf, templatesOf };
