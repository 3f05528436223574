// @ts-check
'use strict';

const { estimatedTokens, excerpt } = require('../excerpt.js');
const { READS, REPLACES, shown, z } = require('../schema.js');
const { rounded, summaryOf, templatesOf } = require('../summary.js');

const LABELS_SHOWN = 5;
const FILES_SHOWN = 30;

/** @type {import('../tools.js').Tool} */
const searchPatterns = {
  name: 'search_patterns',
  config: {
    title: 'Search patterns',
    description:
      'Finds code patterns by words and meaning (English or Japanese), best first, each with a summary. Read one with get_pattern.',
    inputSchema: shown(
      z.strictObject({
        query: z.string().min(1).optional().describe('What you are about to write'),
        like: z.string().optional().describe('Instead of query: id of a pattern to find others like'),
        limit: z.int().min(1).max(50).default(5),
        frameworks: z.array(z.string()).optional().describe('Any of these'),
        tags: z.array(z.string()).optional().describe('Any of these'),
        chunk_type: z.string().optional().describe('e.g. template, code, document'),
        min_score: z.number().min(0).max(1).optional(),
      }),
    ),
    outputSchema: shown(
      z.strictObject({
        hits: z.array(
          z.strictObject({
            id: z.string(),
            name: z.string(),
            frameworks: z.array(z.string()),
            score: z.number(),
            summary: z.string(),
            variants: z.number().optional(),
          }),
        ),
        note: z.string().optional(),
      }),
    ),
    annotations: READS,
  },
  async run(bridge, { query, like, limit, ...filters }, { signal }) {
    if ((query === undefined) === (like === undefined)) {
      throw new Error('Give query, or like with the id of a pattern; one of the two.');
    }
    const options = { ...filters, signal, wait_for_model: false };
    const hits = await bridge.searchSimilar(query ?? { like }, limit, options);
    const templates = await templatesOf(bridge, hits);
    const listed = hits.map((hit) => ({
      id: hit.id,
      ...summaryOf(hit, templates.get(hit.metadata.template)),
      frameworks: hit.frameworks.slice(0, LABELS_SHOWN),
      score: rounded(hit.score),
      ...(hit.variants > 0 && { variants: hit.variants }),
    }));
    const note = noteOf(hits.incomplete);
    const lines = listed.map(
      (hit, place) =>
        `${place + 1}. ${hit.id} (${hit.score}) ${hit.frameworks.join(', ')}\n   ${titled(hit)}${hit.summary}`,
    );
    if (lines.length === 0) lines.push('Nothing was found. Try other words, or fewer filters.');
    if (note) lines.push(note);
    return { structuredContent: { hits: listed, ...(note && { note }) }, text: lines.join('\n') };
  },
};

/** @type {import('../tools.js').Tool} */
const getPattern = {
  name: 'get_pattern',
  config: {
    title: 'Get a pattern',
    description: 'The content of a pattern, whole or from a line on, up to a number of tokens.',
    inputSchema: shown(
      z.strictObject({
        id: z.string().describe('From search_patterns'),
        from_line: z.int().min(1).default(1),
        max_tokens: z.int().min(50).max(50_000).default(2000).describe('About as many'),
      }),
    ),
    outputSchema: shown(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        summary: z.string(),
        chunk_type: z.string(),
        frameworks: z.array(z.string()),
        tags: z.array(z.string()),
        quality_score: z.number(),
        content: z.string(),
        first_line: z.number(),
        last_line: z.number(),
        total_lines: z.number(),
        template: z.string().optional(),
        files: z.array(z.string()).optional(),
      }),
    ),
    annotations: READS,
  },
  async run(bridge, { id, from_line, max_tokens }) {
    const chunk = await bridge.getChunk(id);
    if (chunk === null) {
      throw new Error(`There is no pattern '${id}'. Give an id that search_patterns found.`);
    }
    if (typeof chunk.content !== 'string') {
      throw new Error(
        `'${id}' is binary (${chunk.content.length} bytes). Read the resource ${resourceOf(id)} instead.`,
      );
    }
    const part = excerpt(chunk.content, from_line, max_tokens);
    if (from_line > part.total) {
      throw new Error(`'${id}' has ${part.total} lines. Give from_line from 1 to ${part.total}.`);
    }
    const templates = await templatesOf(bridge, [chunk]);
    const template = chunk.metadata.template;
    const files = chunk.chunk_type === 'template' ? await filesOf(bridge, id) : [];
    const described = summaryOf(chunk, templates.get(template));
    const structuredContent = {
      id,
      ...described,
      chunk_type: chunk.chunk_type,
      frameworks: chunk.frameworks,
      tags: chunk.tags,
      quality_score: rounded(chunk.quality_score),
      content: part.text,
      first_line: part.first,
      last_line: part.last,
      total_lines: part.total,
      ...(typeof template === 'string' && { template }),
      ...(files.length > 0 && { files }),
    };
    const lines = [described.name === id ? id : `${id}: ${described.name}`, part.text];
    if (part.last < part.total) {
      const left = chunk.content.split('\n').slice(part.last).join('\n');
      lines.push(
        `[lines ${part.first} to ${part.last} of ${part.total}; go on with from_line ${part.last + 1}, about ${estimatedTokens(left)} tokens more]`,
      );
    }
    if (files.length > 0) lines.push(`Files: ${files.join(', ')}`);
    return { structuredContent, text: lines.join('\n') };
  },
};

/** @type {import('../tools.js').Tool} */
const storePattern = {
  name: 'store_pattern',
  config: {
    title: 'Store a pattern',
    description: 'Keeps code worth finding again. An existing id is only replaced with replace: true.',
    inputSchema: shown(
      z.strictObject({
        id: z.string().min(1).describe('Short and telling, e.g. hono-jwt-middleware'),
        content: z.string().min(1),
        name: z.string().optional(),
        description: z.string().optional().describe('What it does and when to use it'),
        frameworks: z.array(z.string()).optional(),
        tags: z.array(z.string()).optional(),
        chunk_type: z.string().optional().describe("Default: 'code'"),
        quality_score: z.number().min(0).max(1).optional(),
        replace: z.boolean().default(false),
      }),
    ),
    outputSchema: shown(z.strictObject({ id: z.string(), replaced: z.boolean() })),
    annotations: REPLACES,
  },
  async run(bridge, { name, description, replace, ...chunk }) {
    const before = await bridge.getChunk(chunk.id);
    if (before !== null && !replace) {
      throw new Error(
        `There is a pattern '${chunk.id}' already. Give another id, or replace: true to put this in its place.`,
      );
    }
    const metadata = { ...(name && { name }), ...(description && { description }) };
    const id = await bridge.storeChunk({ ...chunk, metadata });
    const replaced = before !== null;
    return { structuredContent: { id, replaced }, text: `${replaced ? 'Replaced' : 'Stored'} ${id}.` };
  },
};

/**
 * @param {import('../../types/index.js').FluoriteBridge} bridge
 * @param {string} template
 */
async function filesOf(bridge, template) {
  const { chunks } = await bridge.listChunks({ prefix: `${template}#`, limit: FILES_SHOWN });
  return chunks.map((chunk) => chunk.id);
}

/** @param {{id: string, name: string}} hit */
function titled({ id, name }) {
  return name === id ? '' : `${name}: `;
}

/** @param {string} id */
function resourceOf(id) {
  return `fluorite://chunk/${encodeURIComponent(id)}`;
}

/** @param {import('../../types/index.js').Incomplete | null} incomplete */
function noteOf(incomplete) {
  if (incomplete === null) return '';
  const { words_only, changes_behind, without_vector } = incomplete;
  if (words_only) return `Found by words alone: ${words_only}`;
  const waiting = Math.max(changes_behind, without_vector);
  return `${waiting} recent chunks are not fully searchable yet.`;
}

module.exports = [searchPatterns, getPattern, storePattern];
