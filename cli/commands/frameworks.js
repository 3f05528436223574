// @ts-check
'use strict';

const { EXIT, Failure } = require('../failure.js');
const { sayIfKnown, say } = require('../language.js');
const { fraction, limitOption } = require('../options.js');

/**
 * Every framework with the number of patterns that show it.
 * @param {import('../context.js').Context} context
 * @param {number} limit
 */
async function listAll(context, limit) {
  const { withMemory } = require('../memory.js');
  const found = await withMemory(context, (bridge) => bridge.getFrameworks({ limit, ...context.longCall }));
  context.result(found, () => {
    const { histogram } = require('../terminal/format.js');
    for (const line of histogram(found.map(({ framework, count }) => [framework, count])))
      context.print(line);
  });
  if (found.length === 0) throw new Failure(context.asJson ? '' : say('frameworks.empty'), EXIT.not_found);
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'frameworks',
  define(command) {
    command
      .argument('[framework]', say('frameworks.framework'))
      .addOption(limitOption(20))
      .option('--min-support <share>', say('frameworks.min_support'), fraction);
  },
  async run(context, framework, options) {
    const { withMemory } = require('../memory.js');
    const { limit, minSupport: min_support } = options;
    if (framework === undefined && min_support === undefined) return await listAll(context, limit);
    const found = await withMemory(context, (bridge) =>
      bridge.getFrameworkRelationships({ framework, limit, min_support, ...context.longCall }),
    );
    context.result(found, () => {
      if (found.length === 0) return;
      const { percent, table } = require('../terminal/format.js');
      const columns = /** @type {const} */ (['name', 'related', 'kind', 'count', 'confidence', 'lift']);
      const header = columns.map((column) => say(`frameworks.${column}`));
      const rows = found.map((one) => [
        one.framework,
        one.related,
        sayIfKnown(`frameworks.kind_${one.kind}`) ?? one.kind,
        String(one.count),
        percent(one.confidence),
        one.lift.toFixed(1),
      ]);
      const [first, ...lines] = table([header, ...rows], { right: [3, 4, 5] });
      context.print(context.style('bold', first));
      for (const line of lines) context.print(line);
    });
    if (found.length === 0) throw new Failure(context.asJson ? '' : say('frameworks.none'), EXIT.not_found);
  },
};
