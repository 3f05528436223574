// @ts-check
'use strict';

const { say } = require('../language.js');

/** @typedef {import('fluorite-memory-engine').Metrics} Metrics */
/** @typedef {import('fluorite-memory-engine').LearningStats} LearningStats */

/** @param {import('fluorite-memory-engine').CacheMetrics} cache */
function hitRate({ hits, misses }) {
  return hits + misses === 0 ? undefined : hits / (hits + misses);
}

/**
 * @param {import('../context.js').Context} context
 * @param {Metrics} metrics
 * @param {LearningStats} learning
 * @param {string} path
 */
function printStats(context, metrics, learning, path) {
  const { bytes, dateTime, duration, histogram, number, percent, table } = require('../terminal/format.js');
  const { style } = context;
  const title = (/** @type {string} */ text) => context.print(`\n${style('bold', text)}`);
  context.print(style('bold', say('stats.memory', { path })));
  const rate = hitRate(metrics.cache);
  const rows = [
    [say('stats.chunks'), number(metrics.chunks)],
    [say('stats.store_bytes'), bytes(metrics.store_bytes)],
    [say('stats.embeddings_bytes'), bytes(metrics.embeddings_bytes)],
    [say('stats.model'), metrics.embedding.enabled ? metrics.embedding.model : say('stats.no_model')],
    [say('stats.python'), metrics.python_version],
    ...(rate === undefined ? [] : [[say('stats.hit_rate'), percent(rate)]]),
  ];
  for (const line of table(rows, { indent: '  ' })) context.print(line);
  title(say('stats.learning'));
  if (learning.last_run === null || learning.last_run_at === null) {
    context.print(`  ${say('stats.never_learned')}`);
    return;
  }
  const { last_run: run } = learning;
  context.print(`  ${say('stats.last_run', { time: dateTime(learning.last_run_at), path: run.path })}`);
  const counts = /** @type {const} */ (['new', 'changed', 'unchanged', 'removed']);
  const files = counts.map((count) => say(`learn.${count}`, { count: number(run[count]) }));
  context.print(`  ${files.join(' · ')}`);
  title(say('stats.seconds'));
  const stages = Object.entries(run.seconds).filter(([stage]) => stage !== 'total');
  /** @type {[string, number][]} */
  const milliseconds = stages.map(([stage, seconds]) => [stage, seconds * 1000]);
  for (const line of histogram(milliseconds, { indent: '  ', shown: duration })) context.print(line);
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'stats',
  define() {},
  async run(context) {
    const { memoryPath, withMemory } = require('../memory.js');
    await withMemory(context, async (bridge) => {
      const [metrics, learning] = [await bridge.getMetrics(), await bridge.getLearningStats()];
      context.result({ metrics, learning }, () =>
        printStats(context, metrics, learning, memoryPath(context.options)),
      );
    });
  },
};
