// @ts-check
'use strict';

const { ResourceNotFoundError, ResourceTemplate } = require('@modelcontextprotocol/server');

const COMPLETIONS = 20;

/** @typedef {import('../types/index.js').FluoriteBridge} Bridge */

/** @type {{name: string, title: string, description: string, read: (bridge: Bridge, signal: AbortSignal) => Promise<unknown>}[]} */
const REPORTS = [
  {
    name: 'learning',
    title: 'Last learning run',
    description: 'What the last run over the templates did, with every file that could not be read',
    read: (bridge) => bridge.getLearningStats(),
  },
  {
    name: 'memory',
    title: 'Memory',
    description: 'Counts, sizes, indexes and caches',
    read: (bridge) => bridge.getMetrics(),
  },
  {
    name: 'frameworks',
    title: 'Frameworks',
    description: 'What goes with what, with counts and confidence',
    read: (bridge, signal) => bridge.getFrameworkRelationships({ signal }),
  },
  {
    name: 'clusters',
    title: 'Clusters',
    description: 'Groups of similar patterns with their terms and members',
    read: (bridge, signal) => bridge.getPatternClusters({ signal }),
  },
];

/**
 * @param {import('@modelcontextprotocol/server').McpServer} server
 * @param {import('./memory.js').Memory} memory
 */
function registerResources(server, memory) {
  server.registerResource(
    'chunk',
    new ResourceTemplate('fluorite://chunk/{id}', {
      list: undefined,
      complete: { id: async (start) => await idsFrom(await memory.bridge(), start) },
    }),
    { title: 'Pattern', description: 'The whole content of a pattern; its id percent-encoded' },
    async (uri, { id }) => ({ contents: [await contentOf(await memory.bridge(), uri.href, String(id))] }),
  );
  for (const { name, title, description, read } of REPORTS) {
    const uri = `fluorite://report/${name}`;
    const config = { title, description, mimeType: 'application/json' };
    server.registerResource(name, uri, config, async (_uri, context) => {
      const report = await read(await memory.bridge(), context.mcpReq.signal);
      return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(report, null, 1) }] };
    });
  }
}

/** @param {Bridge} bridge @param {string} start */
async function idsFrom(bridge, start) {
  const { chunks } = await bridge.listChunks({ prefix: decoded(start), limit: COMPLETIONS });
  return chunks.map((chunk) => chunk.id);
}

/**
 * @param {Bridge} bridge
 * @param {string} uri
 * @param {string} encoded
 */
async function contentOf(bridge, uri, encoded) {
  const chunk = await bridge.getChunk(decoded(encoded));
  if (chunk === null) throw new ResourceNotFoundError(uri);
  const { content } = chunk;
  return typeof content === 'string'
    ? { uri, mimeType: 'text/plain', text: content }
    : { uri, mimeType: 'application/octet-stream', blob: Buffer.from(content).toString('base64') };
}

/** @param {string} text percent-encoded, or a text that cannot be */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

module.exports = { registerResources };
