// @ts-check
'use strict';

const { EXIT, Failure } = require('../failure.js');
const { say } = require('../language.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'repair',
  define() {},
  async run(context) {
    const { withMemory } = require('../memory.js');
    const report = await withMemory(context, (bridge) => bridge.repair(context.longCall));
    context.result(report, () => {
      const { duration } = require('../terminal/format.js');
      for (const { kind, id, action } of report.repaired)
        context.print(`${context.style('green', kind)}  ${id === null ? '' : `${id}  `}${action}`);
      for (const { id, reason } of report.lost)
        context.print(`${context.style('red', say('repair.lost'))}  ${id}  ${reason}`);
      const time = duration(report.seconds * 1000);
      context.print(
        report.repaired.length + report.lost.length === 0
          ? say('repair.nothing', { time })
          : say('repair.done', { repaired: report.repaired.length, lost: report.lost.length, time }),
      );
    });
    if (report.lost.length > 0)
      throw new Failure(context.asJson ? '' : say('repair.some_lost'), EXIT.problems);
  },
};
