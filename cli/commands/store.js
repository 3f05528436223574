// @ts-check
'use strict';

const { EXIT, Failure, wrongUsage } = require('../failure.js');
const { say } = require('../language.js');
const { fraction, frameworkOption, jsonObject, tagOption } = require('../options.js');

/**
 * @param {string | undefined} file undefined or '-': standard input
 * @returns {Promise<Buffer>}
 */
async function contentOf(file) {
  if (file !== undefined && file !== '-') return require('node:fs').readFileSync(file);
  if (process.stdin.isTTY) throw wrongUsage(say('store.no_content'));
  const { buffer } = require('node:stream/consumers');
  return await buffer(process.stdin);
}

/**
 * Text where the bytes are UTF-8, else the bytes.
 * @param {Buffer} bytes
 */
function textOrBytes(bytes) {
  return require('node:buffer').isUtf8(bytes) ? bytes.toString('utf8') : new Uint8Array(bytes);
}

/**
 * @param {string} text
 * @param {string} file
 */
function chunksOfLines(text, file) {
  /** @type {any[]} */
  const chunks = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    try {
      chunks.push(JSON.parse(line));
    } catch (error) {
      const reason = /** @type {Error} */ (error).message;
      throw new Failure(say('store.bad_line', { file, line: index + 1, reason }));
    }
  });
  return chunks;
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'store',
  define(command) {
    command
      .argument('[id]', say('store.id'))
      .argument('[file]', say('store.file'))
      .option('--type <type>', say('store.type'))
      .addOption(frameworkOption())
      .addOption(tagOption())
      .option('--quality <share>', say('store.quality'), fraction)
      .option('--metadata <json>', say('store.metadata'), jsonObject)
      .option('--lines <file>', say('store.lines'));
  },
  async run(context, id, file, options) {
    const { withMemory } = require('../memory.js');
    if ((id === undefined) === (options.lines === undefined)) throw wrongUsage(say('store.id_or_lines'));
    if (options.lines !== undefined) {
      const chunks = chunksOfLines((await contentOf(options.lines)).toString('utf8'), options.lines);
      await withMemory(
        context,
        async (bridge) => {
          const result = await bridge.storeChunks(chunks, context.longCall);
          context.display.clear();
          context.result(result, () => {
            context.print(say('store.stored_many', { stored: result.stored, replaced: result.replaced }));
          });
          for (const { id: rejected, message } of result.rejected) context.note(`  ${rejected}: ${message}`);
          if (result.rejected.length > 0)
            throw new Failure(say('store.rejected', { count: result.rejected.length }), EXIT.failed);
        },
        { create: true },
      );
      return;
    }
    const chunk = {
      id,
      content: textOrBytes(await contentOf(file)),
      chunk_type: options.type,
      frameworks: options.framework,
      tags: options.tag,
      quality_score: options.quality,
      metadata: options.metadata,
    };
    await withMemory(
      context,
      async (bridge) => {
        const stored = await bridge.storeChunk(chunk);
        context.result({ id: stored }, () => context.print(stored));
      },
      { create: true },
    );
  },
};
