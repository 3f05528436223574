// @ts-check
'use strict';

const { McpServer } = require('@modelcontextprotocol/server');
const { version } = require('../package.json');
const { registerPrompts } = require('./prompts.js');
const { registerResources } = require('./resources.js');
const { registerTools } = require('./tools.js');

const INSTRUCTIONS = `A local memory of code patterns. Before you write code, search it with search_patterns, then read only what fits with get_pattern. For several frameworks together ask recommend_integration first. Say which pattern ids you used, report with give_feedback how they served, and keep what is worth keeping with store_pattern.`;

/**
 * @param {import('./memory.js').Memory} memory
 * @returns {McpServer}
 */
function createServer(memory) {
  const server = new McpServer(
    { name: 'fluorite-memory', title: 'Fluorite Memory', version },
    { instructions: INSTRUCTIONS },
  );
  registerTools(server, memory);
  registerResources(server, memory);
  registerPrompts(server);
  return server;
}

module.exports = { createServer };
