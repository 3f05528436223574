// @ts-check
'use strict';

const { say } = require('../language.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'compact',
  define() {},
  async run(context) {
    const { withMemory } = require('../memory.js');
    const report = await withMemory(context, (bridge) => bridge.compact(context.longCall));
    context.result(report, () => {
      const { bytes, duration, number } = require('../terminal/format.js');
      context.print(
        say('compact.done', {
          before: bytes(report.before_bytes),
          after: bytes(report.after_bytes),
          removed: number(report.embeddings_removed),
          time: duration(report.seconds * 1000),
        }),
      );
    });
  },
};
