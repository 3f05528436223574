// @ts-check
'use strict';

const { EXIT, Failure } = require('../failure.js');
const { say } = require('../language.js');

/**
 * @param {import('../context.js').Context} context
 * @param {import('fluorite-memory-engine').Chunk} chunk
 * @param {import('fluorite-memory-engine').QualityExplanation | null} quality
 */
function printChunk(context, chunk, quality) {
  const { dateTime, printable, table } = require('../terminal/format.js');
  const { style } = context;
  context.print(style('bold', printable(chunk.id)));
  const rows = [
    [say('show.type'), chunk.chunk_type],
    [say('show.frameworks'), chunk.frameworks.join(', ')],
    [say('show.tags'), chunk.tags.join(', ')],
    [say('show.quality'), chunk.quality_score.toFixed(3)],
    [say('show.stored'), dateTime(chunk.updated_at)],
    ...Object.entries(chunk.metadata).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ];
  const filled = rows.filter(([, value]) => value !== '').map((row) => row.map(printable));
  for (const line of table(filled, { indent: '  ' })) context.print(style('cyan', line));
  if (quality) {
    const parts = quality.parts.map(({ property, value, contribution }) => [
      property,
      value.toFixed(2),
      `${contribution >= 0 ? '+' : ''}${contribution.toFixed(3)}`,
    ]);
    context.print(`  ${say('show.quality_parts', { score: quality.score.toFixed(3) })}`);
    for (const line of table(parts, { indent: '    ', right: [1, 2] })) context.print(line);
  }
  context.print();
  if (typeof chunk.content === 'string') {
    context.print(process.stdout.isTTY ? printable(chunk.content) : chunk.content);
  } else {
    context.print(say('show.bytes', { count: chunk.content.length }));
  }
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'show',
  define(command) {
    command
      .argument('<id...>', say('show.id'))
      .option('--content', say('show.content'))
      .option('--explain', say('show.explain'));
  },
  async run(context, ids, options) {
    const { withMemory } = require('../memory.js');
    await withMemory(context, async (bridge) => {
      const found = await bridge.getChunks(ids);
      const missing = ids.filter((/** @type {string} */ _id, /** @type {number} */ place) => !found[place]);
      const shown = [];
      for (const chunk of found) {
        if (!chunk) continue;
        const quality = options.explain ? await bridge.explainQuality(chunk.id) : null;
        shown.push(quality ? { ...chunk, quality } : chunk);
        if (context.asJson) continue;
        if (options.content) process.stdout.write(chunk.content);
        else printChunk(context, chunk, quality);
      }
      if (context.asJson) context.result(shown, () => {});
      if (missing.length > 0)
        throw new Failure(say('show.missing', { ids: missing.join(', ') }), EXIT.not_found);
    });
  },
};
