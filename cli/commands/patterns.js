// @ts-check
'use strict';

const { EXIT, Failure } = require('../failure.js');
const { say } = require('../language.js');
const { limitOption } = require('../options.js');

/**
 * @param {import('../context.js').Context} context
 * @param {import('fluorite-memory-engine').IntegrationPatterns} found
 */
function printPatterns(context, found) {
  const { percent, table } = require('../terminal/format.js');
  const { style } = context;
  context.print(style('bold', found.frameworks.join(' + ')));
  context.print(
    `  ${say(`patterns.${found.coverage}`, {
      count: found.patterns[0]?.count ?? 0,
    })}  ${style('dim', say('patterns.score', { score: found.score.toFixed(2) }))}`,
  );
  if (found.unknown.length > 0)
    context.print(`  ${say('patterns.unknown', { names: found.unknown.join(', ') })}`);
  if (found.patterns.length > 0) {
    context.print(`\n${style('bold', say('patterns.shown'))}`);
    const rows = found.patterns.map((one) => [
      one.score.toFixed(2),
      one.frameworks.join(' + '),
      say('patterns.count', { count: one.count }),
      one.evidence_ids[0] ?? '',
    ]);
    for (const line of table(rows, { indent: '  ', right: [0] })) context.print(line);
  }
  const suggested = found.contributions.filter((one) => one.suggested);
  if (suggested.length > 0) {
    context.print(`\n${style('bold', say('patterns.roles'))}`);
    const rows = suggested.map((one) => [one.role, one.framework, one.chunk_ids[0] ?? '']);
    for (const line of table(rows, { indent: '  ' })) context.print(line);
  }
  if (found.usually_added.length > 0) {
    context.print(`\n${style('bold', say('patterns.added'))}`);
    const rows = found.usually_added.map((one) => [
      one.related,
      percent(one.confidence),
      one.with_frameworks.join(' + '),
    ]);
    for (const line of table(rows, { indent: '  ', right: [1] })) context.print(line);
  }
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'patterns',
  define(command) {
    command.argument('<framework...>', say('patterns.frameworks')).addOption(limitOption(10));
  },
  async run(context, frameworks, options) {
    const { withMemory } = require('../memory.js');
    const found = await withMemory(context, (bridge) =>
      bridge.getIntegrationPatterns(frameworks, { limit: options.limit, ...context.longCall }),
    );
    context.result(found, () => printPatterns(context, found));
    if (found.coverage === 'none') throw new Failure('', EXIT.not_found);
  },
};
