// @ts-check
'use strict';

const { say } = require('../language.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'backup',
  define(command) {
    command.argument('<folder>', say('backup.folder'));
  },
  async run(context, folder) {
    const { withMemory } = require('../memory.js');
    const report = await withMemory(context, (bridge) => bridge.backup(folder, context.longCall));
    context.result(report, () => {
      const { bytes, duration, number } = require('../terminal/format.js');
      context.print(
        say('backup.done', {
          chunks: number(report.chunks),
          size: bytes(report.bytes),
          path: report.path,
          time: duration(report.seconds * 1000),
        }),
      );
    });
  },
};
