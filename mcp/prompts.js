// @ts-check
'use strict';

const { shown, z } = require('./schema.js');

/** @param {{task: string, frameworks?: string}} values */
function instructions({ task, frameworks }) {
  const together = frameworks ? ` Its frameworks: ${frameworks}.` : '';
  return `Task: ${task}.${together}

Use the fluorite-memory tools, in this order:
1. search_patterns with the task in a few words, and once more in other words if nothing fits. Where several frameworks meet, ask recommend_integration first.
2. get_pattern for the one or two that fit best; leave the others unread. A template's files have ids of their own.
3. Write the code. Adapt what you found to this project's names and style instead of pasting it.
4. End with "Used patterns:" and the ids you built on, or "none" and what was missing.
5. Report with give_feedback for each pattern you read how it served: accepted, edited, rejected or failed, with the query that found it.
6. If you wrote something that will be needed again, offer to keep it with store_pattern.`;
}

/** @param {import('@modelcontextprotocol/server').McpServer} server */
function registerPrompts(server) {
  const argsSchema = shown(
    z.strictObject({
      task: z.string().min(1).describe('What is to be written'),
      frameworks: z.string().optional().describe('Separated by commas'),
    }),
  );
  server.registerPrompt(
    'write_with_memory',
    {
      title: 'Write with the memory',
      description: 'Search before writing, read only what fits, say what was used',
      argsSchema,
    },
    (values) => ({
      messages: [{ role: 'user', content: { type: 'text', text: instructions(values) } }],
    }),
  );
}

module.exports = { registerPrompts };
