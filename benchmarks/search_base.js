// @ts-check

const fs = require('node:fs');
const path = require('node:path');
const { FluoriteBridge } = require('..');
const { randomNumbers } = require('./data.js');
const { Texts } = require('./search_corpus.js');

const PAGE = 10_000;
const TEXTS_AT_ONCE = 2000;
const SAMPLES = 2000;
const STUB = 'Auto-generated spike';
const LEAST_CODE = 40;

/** @typedef {import('..').Chunk} Chunk */

/**
 * Learns a folder of templates and keeps, as `folder`: their chunks in a random order of the templates (base.json)
 * and what the model makes of them (base.f32), of queries that no chunk holds (queries.f32), and of a sample of
 * variants (samples.f32).
 * @param {{folder: string, templates: string, requests: string, queries: number}} request
 * @param {(text: string) => void} progress
 */
async function makeBase({ folder, templates, requests, queries }, progress) {
  progress('learning the templates');
  const found = await learnedChunks(path.join(folder, 'learning'), templates);
  const texts = readRequests(requests).slice(0, queries);
  const { chunks, heldOut } = holdOut(shuffledTemplates(found), queries - texts.length);
  const base = {
    chunks,
    queries: [...texts, ...heldOut],
    sources: { learned: found.length, requests: texts.length, descriptions: heldOut.length },
  };
  const derived = new Texts(base);
  const samples = Math.min(SAMPLES, chunks.length);
  const step = chunks.length / samples;
  const sampled = Array.from({ length: samples }, (_, sample) => Math.floor(sample * step));
  const variants = sampled.map((row) => String(derived.chunk(chunks.length + row).content));

  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(folder, 'embedding') });
  /** @type {[string, string[]][]} */
  const wanted = [
    ['queries', base.queries],
    ['samples', variants],
    ['base', chunks.map(({ content }) => String(content))],
  ];
  for (const [name, contents] of wanted) {
    fs.writeFileSync(path.join(folder, `${name}.f32`), await embedded(bridge, name, contents, progress));
  }
  await bridge.shutdown();
  fs.writeFileSync(path.join(folder, 'samples.json'), JSON.stringify(sampled));
  fs.writeFileSync(path.join(folder, 'base.json'), JSON.stringify(base));
  for (const name of ['learning', 'embedding']) fs.rmSync(path.join(folder, name), { recursive: true });
  return { chunks: chunks.length, queries: base.queries.length, ...base.sources };
}

/** @param {string} memory_path @param {string} templates */
async function learnedChunks(memory_path, templates) {
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path, enable_ml: false });
  await bridge.learnFromSpikes({ path: templates });
  /** @type {Chunk[]} */
  const chunks = [];
  /** @type {string | undefined} */
  let cursor;
  do {
    const page = await bridge.listChunks({ limit: PAGE, cursor });
    chunks.push(...page.chunks.filter(({ content }) => typeof content === 'string'));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  await bridge.shutdown();
  return chunks;
}

/** @param {Chunk} chunk */
const templateOf = ({ id, metadata }) => String(metadata.template ?? id);

/** @param {Chunk[]} chunks @returns {Chunk[][]} the chunks of each template, templates in random order */
function shuffledTemplates(chunks) {
  /** @type {Map<string, Chunk[]>} */
  const byTemplate = new Map();
  for (const chunk of chunks) {
    const group = byTemplate.get(templateOf(chunk));
    if (group === undefined) byTemplate.set(templateOf(chunk), [chunk]);
    else group.push(chunk);
  }
  const groups = [...byTemplate.values()];
  const random = randomNumbers(11);
  for (let last = groups.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [groups[last], groups[other]] = [groups[other], groups[last]];
  }
  return groups;
}

/**
 * Takes templates written by hand out, a quarter of them at most: their descriptions become queries.
 * @param {Chunk[][]} groups
 * @param {number} most
 */
function holdOut(groups, most) {
  const described = groups.filter((group) => {
    const description = group.find(({ id }) => id === templateOf(group[0]))?.metadata.description;
    const code = group.filter(({ chunk_type }) => chunk_type !== 'template').map(({ content }) => content);
    const written = typeof description === 'string' && description !== '' && !description.startsWith(STUB);
    return written && code.join('').length >= LEAST_CODE;
  });
  const out = new Set(described.slice(0, Math.min(Math.max(0, most), Math.floor(described.length / 4))));
  const heldOut = [...out].map((group) =>
    String(group.find(({ metadata }) => metadata.description)?.metadata.description),
  );
  const kept = groups.filter((group) => !out.has(group)).flat();
  const chunks = kept.map(({ created_at, updated_at, ...chunk }) => /** @type {Chunk} */ (chunk));
  return { chunks, heldOut };
}

/** @param {string} file JSON lines with `query` */
function readRequests(file) {
  if (file === '') return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => String(JSON.parse(line).query));
}

/**
 * @param {FluoriteBridge} bridge
 * @param {string} name
 * @param {string[]} texts
 * @param {(text: string) => void} progress
 */
async function embedded(bridge, name, texts, progress) {
  /** @type {Float32Array[]} */
  const parts = [];
  const started = performance.now();
  for (let start = 0; start < texts.length; start += TEXTS_AT_ONCE) {
    const left = ((performance.now() - started) / 1000 / start) * (texts.length - start);
    progress(`embedding ${name}: ${start} of ${texts.length}${start ? `, ${Math.round(left)} s left` : ''}`);
    parts.push((await bridge.generateEmbeddings(texts.slice(start, start + TEXTS_AT_ONCE))).data);
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));
}

module.exports = { makeBase };
