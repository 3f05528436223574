// @ts-check
'use strict';

const { FluoriteError } = require('./errors.js');
const { slices } = require('./slices.js');

/**
 * @typedef {import('./call.js').CallOptions} CallOptions
 * @typedef {(method: string, values: Record<string, unknown>, options: CallOptions) => Promise<any>} Call
 */

/**
 * Stores chunks slice by slice, each a transaction of its own, and adds the results up.
 * @param {Call} call
 * @param {any} chunks a list of chunks, or an object of columns
 * @param {CallOptions} options
 */
async function storeChunks(call, chunks, { signal, onProgress }) {
  const columns = Array.isArray(chunks) ? undefined : chunks;
  const rows = columns === undefined ? chunks : columns?.contents;
  if (!Array.isArray(rows) || (columns !== undefined && rows.length !== columns.ids?.length)) {
    return await call('store_chunks', { chunks }, { signal, onProgress });
  }
  const started = performance.now();
  const total = { stored: 0, replaced: 0, rejected: /** @type {any[]} */ ([]) };
  const contentOf =
    columns === undefined ? (/** @type {any} */ chunk) => chunk?.content : (/** @type {any} */ c) => c;
  for (const [start, stop] of slices(rows, contentOf)) {
    const part =
      columns === undefined ? rows.slice(start, stop) : partOfColumns(columns, start, stop, rows.length);
    const report = progressOf(onProgress, start, rows.length, started);
    const result = await call('store_chunks', { chunks: part }, { signal, onProgress: report });
    total.stored += result.stored;
    total.replaced += result.replaced;
    total.rejected.push(...result.rejected);
  }
  return total;
}

/**
 * Embeds texts slice by slice into one buffer.
 * @param {Call} call
 * @param {any} texts
 * @param {CallOptions} options
 */
async function generateEmbeddings(call, texts, { signal, onProgress }) {
  const parts = Array.isArray(texts) ? [...slices(texts, (text) => text)] : [];
  if (parts.length <= 1) return await call('generate_embeddings', { texts }, { signal, onProgress });
  const started = performance.now();
  let data = new Float32Array(0);
  let dimensions = 0;
  for (const [start, stop] of parts) {
    const report = progressOf(onProgress, start, texts.length, started);
    const values = { texts: texts.slice(start, stop) };
    const part = await call('generate_embeddings', values, { signal, onProgress: report });
    dimensions = part.dimensions;
    if (data.length === 0) data = new Float32Array(texts.length * dimensions);
    data.set(part.data, start * dimensions);
  }
  return { data, rows: texts.length, dimensions };
}

/**
 * @param {Record<string, any>} columns
 * @param {number} start
 * @param {number} stop
 * @param {number} rows
 */
function partOfColumns(columns, start, stop, rows) {
  if (start === 0 && stop === rows) return columns;
  /** @type {Record<string, unknown>} */
  const part = {};
  for (const [name, values] of Object.entries(columns)) {
    if (values === undefined || values === null) continue;
    if (name === 'embeddings' && values instanceof Float32Array) {
      const width = values.length / rows;
      if (!Number.isInteger(width)) {
        throw new FluoriteError(
          'DIMENSION_MISMATCH',
          `embeddings has ${values.length} numbers for ${rows} chunks. Give one row of equal length for each chunk.`,
        );
      }
      part[name] = values.subarray(start * width, stop * width);
    } else {
      part[name] = Array.isArray(values) && values.length === rows ? values.slice(start, stop) : values;
    }
  }
  return part;
}

/**
 * Progress of a slice as progress of the whole.
 * @param {((progress: any) => void) | undefined} onProgress
 * @param {number} before
 * @param {number} total
 * @param {number} started when the whole began, as performance.now() tells it
 */
function progressOf(onProgress, before, total, started) {
  if (onProgress === undefined) return undefined;
  return (/** @type {any} */ progress) => {
    const done = before + Math.min(progress.done, total - before);
    const elapsed = (performance.now() - started) / 1000;
    const left = done > 0 ? (elapsed / done) * (total - done) : null;
    onProgress({ ...progress, done, total, seconds_elapsed: elapsed, seconds_left: left });
  };
}

module.exports = { generateEmbeddings, storeChunks };
