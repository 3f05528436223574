// @ts-check

const fs = require('node:fs');
const path = require('node:path');
const { DIMENSIONS } = require('./data.js');
const { scatter, variantOf, vocabularyOf, wordOf } = require('./search_text.js');

const LABELS = 1000;
const TAGS = { tenth: 10, hundredth: 100, thousandth: LABELS };
const SHARES = [0.1, 0.01, 0.001];
const FRAMEWORKS_PER_SHARE = 8;

/** @typedef {import('..').Chunk} Chunk */
/** @typedef {{chunks: Chunk[], queries: string[], sources: Record<string, number>}} Base */
/**
 * A filter at one selectivity. `options` and `exact` have an entry for every query: options of searchSimilar, and
 * the same said over rows, as search_vectors.py reads it.
 * @typedef {{name: string, share: number, options: object[], exact: object[]}} Filter
 */

/** @param {string} folder @returns {Base} */
function readBase(folder) {
  return JSON.parse(fs.readFileSync(path.join(folder, 'base.json'), 'utf8'));
}

/**
 * The text of any row of a corpus. The rows below the number of real chunks are these; each further round of as
 * many rows holds a variant of every real chunk.
 */
class Texts {
  /** @param {Base} base */
  constructor({ chunks }) {
    this.chunks = chunks;
    this.vocabulary = vocabularyOf(chunks.map(({ content }) => String(content)));
  }

  /** @param {number} row @returns {Omit<Chunk, 'created_at' | 'updated_at'>} */
  chunk(row) {
    const real = this.chunks[row % this.chunks.length];
    const round = Math.floor(row / this.chunks.length);
    /** @type {Chunk['metadata']} */
    const metadata = { ...real.metadata, row };
    if (round === 0) return { ...real, metadata };
    const template = String(real.metadata.template ?? real.id);
    // One seed for a template's chunks, so that its description and its files are renamed alike.
    const seed = scatter(scatter(round) + this.#number(template));
    const rename = (/** @type {string} */ text) => variantOf(text, seed, this.vocabulary);
    // Ids stay distinct: whatever is renamed, the template's own id comes first.
    const name = `${template}-${wordOf(seed, this.vocabulary)}-${round}`;
    const id = `${name}${real.id.slice(template.length)}`;
    for (const field of ['name', 'description']) {
      const text = metadata[field];
      if (typeof text === 'string') metadata[field] = rename(text);
    }
    if (metadata.template !== undefined) metadata.template = name;
    const content = rename(String(real.content));
    const added = content === real.content ? `\n${wordOf(seed, this.vocabulary)}` : '';
    return { ...real, id, content: content + added, metadata };
  }

  /** @param {string} text */
  #number(text) {
    let number = 0;
    for (let index = 0; index < text.length; index++) number = Math.imul(number, 31) + text.charCodeAt(index);
    return number;
  }
}

/** A corpus that search_vectors.py has made: rows of chunks with vectors and labels, read from its folder. */
class Corpus {
  /** @param {string} baseFolder @param {string} folder */
  constructor(baseFolder, folder) {
    this.base = readBase(baseFolder);
    this.texts = new Texts(this.base);
    const labels = fs.readFileSync(path.join(folder, 'labels.u16'));
    this.labels = new Uint16Array(labels.buffer, labels.byteOffset, labels.length / 2);
    this.vectorFile = fs.openSync(path.join(folder, 'vectors.f32'), 'r');
  }

  /** @param {number} start @param {number} stop @returns {import('..').ChunkColumns} */
  columns(start, stop) {
    const chunks = Array.from({ length: stop - start }, (_, offset) => this.texts.chunk(start + offset));
    return {
      ids: chunks.map(({ id }) => id),
      contents: chunks.map(({ content }) => content),
      embeddings: readVectors(this.vectorFile, start, stop),
      chunk_types: chunks.map(({ chunk_type }) => chunk_type),
      frameworks: chunks.map(({ frameworks }) => frameworks),
      tags: chunks.map(({ tags }, offset) => [...tags, ...this.#addedTags(start + offset)]),
      quality_scores: chunks.map(({ quality_score }) => quality_score),
      metadata: chunks.map(({ metadata }) => metadata),
    };
  }

  /** @param {number} row */
  #addedTags(row) {
    return Object.entries(TAGS).map(([name, count]) => `${name}-${this.labels[row] % count}`);
  }
}

/**
 * @param {number} file descriptor of a file of float32
 * @param {number} start row
 * @param {number} stop row
 */
function readVectors(file, start, stop) {
  const vectors = new Float32Array((stop - start) * DIMENSIONS);
  const bytes = new Uint8Array(vectors.buffer);
  for (let done = 0; done < bytes.length; ) {
    const from = start * DIMENSIONS * 4 + done;
    const read = fs.readSync(file, bytes, done, bytes.length - done, from);
    if (read === 0) throw new Error(`the file of vectors ends before row ${stop}`);
    done += read;
  }
  return vectors;
}

/**
 * Filters that leave a tenth, a hundredth and a thousandth: tags spread evenly over all chunks, and real frameworks,
 * whose chunks lie close together. Queries take turns with labels of the same selectivity.
 * @param {Chunk[]} chunks the real ones
 * @param {number} queries
 * @returns {{filters: Filter[], members: Record<string, number[]>}} with the real chunks of every framework used
 */
function filtersOf(chunks, queries) {
  const turns = Array.from({ length: queries }, (_, query) => query);
  const byTag = Object.entries(TAGS).map(([tag, modulus]) => ({
    name: `tag ${100 / modulus} %`,
    share: 1 / modulus,
    options: turns.map((query) => ({ tags: [`${tag}-${scatter(query) % modulus}`] })),
    exact: turns.map((query) => ({ modulus, remainder: scatter(query) % modulus })),
  }));
  /** @type {Map<string, number[]>} */
  const members = new Map();
  chunks.forEach(({ frameworks }, row) => {
    for (const name of new Set(frameworks.map((framework) => framework.toLowerCase()))) {
      const rows = members.get(name);
      if (rows === undefined) members.set(name, [row]);
      else rows.push(row);
    }
  });
  /** @type {Map<string, number[]>} */
  const used = new Map();
  const byFramework = SHARES.flatMap((share) => {
    const distance = (/** @type {number[]} */ rows) =>
      Math.abs(Math.log(rows.length / chunks.length / share));
    const near = [...members].filter(([, rows]) => distance(rows) < Math.log(2));
    near.sort(([, one], [, other]) => distance(one) - distance(other));
    const chosen = near.slice(0, FRAMEWORKS_PER_SHARE);
    if (chosen.length === 0) return [];
    for (const [name, rows] of chosen) used.set(name, rows);
    const mean = chosen.reduce((sum, [, rows]) => sum + rows.length, 0) / chosen.length / chunks.length;
    return {
      name: `framework ${Number((100 * share).toPrecision(1))} %`,
      share: mean,
      options: turns.map((query) => ({ frameworks: [chosen[query % chosen.length][0]] })),
      exact: turns.map((query) => ({ framework: chosen[query % chosen.length][0] })),
    };
  });
  return { filters: [...byTag, ...byFramework], members: Object.fromEntries(used) };
}

module.exports = { Corpus, Texts, filtersOf, readBase, readVectors };
