// @ts-check
'use strict';

const { say } = require('../language.js');
const { fraction } = require('../options.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'export',
  define(command) {
    command
      .argument('<folder>', say('export.folder'))
      .option('--min-quality <share>', say('search.min_quality'), fraction)
      .option('--id-prefix <prefix>', say('search.id_prefix'));
  },
  async run(context, folder, options) {
    const { withMemory } = require('../memory.js');
    const { minQuality: min_quality_score, idPrefix: id_prefix } = options;
    const report = await withMemory(context, (bridge) =>
      bridge.exportChunks(folder, { min_quality_score, id_prefix, ...context.longCall }),
    );
    context.result(report, () => {
      const { bytes, duration, number, table } = require('../terminal/format.js');
      context.print(
        say('export.done', {
          chunks: number(report.chunks),
          files: report.files.length,
          size: bytes(report.bytes),
          path: report.path,
          time: duration(report.seconds * 1000),
        }),
      );
      const skipped = Object.entries(report.skipped).map(([reason, count]) => [number(count), reason]);
      if (skipped.length > 0) context.print(say('export.skipped'));
      for (const line of table(skipped, { indent: '  ', right: [0] })) context.print(line);
    });
  },
};
