// @ts-check
'use strict';

const { progressOf } = require('./progress.js');

/**
 * @typedef {object} Call
 * @property {AbortSignal} signal
 * @property {((progress: import('../types/index.js').Progress) => void) | undefined} onProgress
 */

/** @typedef {import('@modelcontextprotocol/server').StandardSchemaWithJSON<any, any>} Schema */
/** @typedef {import('@modelcontextprotocol/server').ToolAnnotations} ToolAnnotations */
/** @typedef {{structuredContent: Record<string, unknown>, text: string}} Answer */

/**
 * @typedef {object} Tool
 * @property {string} name
 * @property {{title: string, description: string, inputSchema: Schema, outputSchema: Schema, annotations: ToolAnnotations}} config
 * @property {(bridge: import('../types/index.js').FluoriteBridge, values: any, call: Call) => Promise<Answer>} run
 */

/** @type {Tool[]} */
const TOOLS = [
  ...require('./tools/pattern_tools.js'),
  ...require('./tools/framework_tools.js'),
  ...require('./tools/learning_tools.js'),
];

/**
 * An error of the engine becomes a tool error with its message, which names the thing and the remedy.
 * @param {import('@modelcontextprotocol/server').McpServer} server
 * @param {import('./memory.js').Memory} memory
 */
function registerTools(server, memory) {
  for (const { name, config, run } of TOOLS) {
    server.registerTool(name, config, async (values, context) => {
      const { signal } = context.mcpReq;
      const bridge = await memory.bridge();
      const { text, structuredContent } = await run(bridge, values, {
        signal,
        onProgress: progressOf(context),
      });
      return { content: [{ type: 'text', text }], structuredContent };
    });
  }
}

module.exports = { TOOLS, registerTools };
