// @ts-check
'use strict';

const { EXIT, Failure } = require('../failure.js');
const { say } = require('../language.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'verify',
  define() {},
  async run(context) {
    const { withMemory } = require('../memory.js');
    const report = await withMemory(context, (bridge) => bridge.verify(context.longCall));
    context.result(report, () => {
      const { duration, number } = require('../terminal/format.js');
      for (const { kind, id, reason } of report.problems)
        context.print(`${context.style('red', kind)}  ${id === null ? '' : `${id}  `}${reason}`);
      context.print(
        say('verify.done', {
          chunks: number(report.checked.chunks),
          embeddings: number(report.checked.embeddings),
          time: duration(report.seconds * 1000),
        }),
      );
    });
    if (!report.ok) {
      const message = say('verify.problems', { count: report.problems.length });
      throw new Failure(context.asJson ? '' : message, EXIT.problems);
    }
  },
};
