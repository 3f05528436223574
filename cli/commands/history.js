// @ts-check
'use strict';

const { say } = require('../language.js');
const { limitOption } = require('../options.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'history',
  define(command) {
    command.addOption(limitOption(20)).option('--clear', say('history.clear'));
  },
  async run(context, options) {
    const { withMemory } = require('../memory.js');
    await withMemory(context, async (bridge) => {
      if (options.clear) {
        const cleared = await bridge.clearHistory();
        context.result({ cleared }, () => context.print(say('history.cleared', { count: cleared })));
        return;
      }
      const page = await bridge.getHistory({ limit: options.limit });
      context.result(page.searches, () => {
        const { dateTime, duration, number, printable, table } = require('../terminal/format.js');
        const rows = page.searches.map(({ time, query, hits, milliseconds }) => [
          dateTime(time),
          say('history.hits', { count: number(hits) }),
          duration(milliseconds),
          printable(query).replaceAll('\n', ' '),
        ]);
        for (const line of table(rows, { right: [1, 2] })) context.print(line);
        if (rows.length === 0) context.note(say('history.empty'));
      });
    });
  },
};
