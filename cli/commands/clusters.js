// @ts-check
'use strict';

const { EXIT, Failure } = require('../failure.js');
const { say } = require('../language.js');
const { limitOption } = require('../options.js');

const FRAMEWORKS_SHOWN = 4;

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'clusters',
  define(command) {
    command.addOption(limitOption(20)).option('-f, --framework <name>', say('clusters.framework'));
  },
  async run(context, options) {
    const { withMemory } = require('../memory.js');
    const { limit, framework } = options;
    const found = await withMemory(context, (bridge) =>
      bridge.getPatternClusters({ limit, framework, ...context.longCall }),
    );
    context.result(found, () => {
      const { number } = require('../terminal/format.js');
      for (const cluster of found) {
        const names = Object.keys(cluster.frameworks).slice(0, FRAMEWORKS_SHOWN).join(', ');
        const counts = say('clusters.counts', {
          size: number(cluster.size),
          distinct: number(cluster.distinct),
          coherence: cluster.coherence.toFixed(2),
        });
        context.print(`${context.style('bold', cluster.label)}  ${context.style('dim', cluster.id)}`);
        context.print(`  ${counts}${names ? ` · ${names}` : ''}`);
        for (const id of cluster.exemplars.slice(0, 2)) context.print(`  ${context.style('cyan', id)}`);
      }
    });
    if (found.length === 0) throw new Failure(context.asJson ? '' : say('clusters.none'), EXIT.not_found);
  },
};
