// @ts-check
'use strict';

const { EXIT, Failure } = require('../failure.js');
const { say } = require('../language.js');
const { fraction } = require('../options.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'import',
  define(command) {
    command
      .argument('<folder>', say('import.folder'))
      .option('--trust <share>', say('import.trust'), fraction)
      .option('--source <name>', say('import.source'));
  },
  async run(context, folder, options) {
    const { withMemory } = require('../memory.js');
    const { trust, source } = options;
    const report = await withMemory(
      context,
      (bridge) => bridge.importChunks(folder, { trust, source, ...context.longCall }),
      { create: true },
    );
    context.result(report, () => {
      const { duration, number } = require('../terminal/format.js');
      const { style } = context;
      const trusted = say('import.title', { source: report.source, trust: report.trust });
      context.print(style('bold', trusted));
      const counts = /** @type {const} */ (['imported', 'replaced', 'unchanged', 'kept']);
      const parts = counts.map((count) => say(`import.${count}`, { count: number(report[count]) }));
      context.print(`  ${parts.join(' · ')} (${duration(report.seconds * 1000)})`);
      for (const { file, line, reason } of report.rejected)
        context.print(`  ${line > 0 ? `${file}:${line}` : file}  ${reason}`);
    });
    if (report.rejected.length > 0) {
      const message = say('import.rejected', { count: report.rejected.length });
      throw new Failure(context.asJson ? '' : message, EXIT.problems);
    }
  },
};
