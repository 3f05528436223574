// @ts-check
'use strict';

const { say } = require('../language.js');

const SEARCHES_READ = 10_000;
const COMBINATIONS_SHOWN = 5;

/**
 * @typedef {import('../context.js').Context} Context
 * @typedef {import('fluorite-memory-engine').Metrics} Metrics
 * @typedef {import('fluorite-memory-engine').Searched} Searched
 * @typedef {{metrics: Metrics, searches: Searched[]}} Facts
 */

/**
 * @param {Context} context
 * @param {import('../language.js').MessageKey} key
 * @param {string[]} lines
 */
function section(context, key, lines) {
  if (lines.length === 0) return;
  context.print(`\n${context.style('bold', say(key))}`);
  for (const line of lines) context.print(line);
}

/** @param {number[]} sorted @param {number} share */
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

/** @param {Metrics} metrics */
function sizes({ chunks, store_bytes, embeddings_bytes, embedding, python_version, memory_use, cache }) {
  const { bytes, number, percent, table } = require('../terminal/format.js');
  const rows = [
    [say('stats.chunks'), number(chunks)],
    [say('stats.store_bytes'), bytes(store_bytes)],
    [say('stats.embeddings_bytes'), bytes(embeddings_bytes)],
    [say('stats.model'), embedding.enabled ? embedding.model : say('stats.no_model')],
    [say('stats.python'), python_version],
    [say('stats.memory_use'), memory_use.resident_bytes === null ? '' : bytes(memory_use.resident_bytes)],
    [say('stats.hit_rate'), cache.hit_rate === null ? '' : percent(cache.hit_rate)],
  ];
  return table(
    rows.filter(([, value]) => value !== ''),
    { indent: '  ' },
  );
}

/** @param {number[]} counts of quality 0 to 0.1, and so on */
function qualities(counts) {
  const { histogram } = require('../terminal/format.js');
  const named = counts.map((count, tenth) => [`0.${tenth}–${((tenth + 1) / 10).toFixed(1)}`, count]);
  return histogram(/** @type {[string, number][]} */ (named), { indent: '  ' });
}

/** @param {Metrics['learning']} learning */
function lastRun({ last_run: run, last_run_at }) {
  const { dateTime, number } = require('../terminal/format.js');
  if (run === null || last_run_at === null) return [`  ${say('stats.never_learned')}`];
  const counts = /** @type {const} */ (['new', 'changed', 'unchanged', 'removed']);
  const files = counts.map((count) => say(`learn.${count}`, { count: number(run[count]) }));
  const title = say('stats.last_run', { time: dateTime(last_run_at), path: run.path });
  return [`  ${title}`, `  ${files.join(' · ')}`];
}

/** @param {import('fluorite-memory-engine').LearningReport} run */
function stages(run) {
  const { duration, histogram } = require('../terminal/format.js');
  const named = Object.entries(run.seconds).filter(([stage]) => stage !== 'total');
  const milliseconds = named.map(([stage, seconds]) => [stage, seconds * 1000]);
  return histogram(/** @type {[string, number][]} */ (milliseconds), { indent: '  ', shown: duration });
}

/** @param {NonNullable<Metrics['retrieval']>} retrieval */
function accuracies({ before, after }) {
  const { bar, table } = require('../terminal/format.js');
  const rows = Object.keys(after).flatMap((language) => [
    [language, say('stats.before'), (before[language] ?? 0).toFixed(3), bar(before[language] ?? 0, 24)],
    ['', say('stats.after'), after[language].toFixed(3), bar(after[language], 24)],
  ]);
  return table(rows, { indent: '  ', right: [2] });
}

/** @param {Searched[]} searches */
function latencies(searches) {
  const { duration, number, table } = require('../terminal/format.js');
  const sorted = searches.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const rows = [
    [say('stats.kept'), number(searches.length)],
    ...[0.5, 0.95, 0.99].map((share) => [`p${share * 100}`, duration(quantile(sorted, share))]),
  ];
  return sorted.length === 0 ? [] : table(rows, { indent: '  ' });
}

/**
 * @param {Context} context
 * @param {Facts} facts
 * @param {string} path
 */
function printStats(context, { metrics, searches }, path) {
  const { number, table } = require('../terminal/format.js');
  const { learning, quality_histogram, retrieval } = metrics;
  context.print(context.style('bold', say('stats.memory', { path })));
  for (const line of sizes(metrics)) context.print(line);
  if (quality_histogram) section(context, 'stats.quality', qualities(quality_histogram));
  section(context, 'stats.learning', lastRun(learning));
  if (learning.last_run) {
    // A report that an older version kept has none.
    const combinations = (learning.last_run.framework_combinations ?? [])
      .slice(0, COMBINATIONS_SHOWN)
      .map(({ frameworks, count }) => [number(count), frameworks.join(' + ')]);
    section(context, 'stats.combinations', table(combinations, { indent: '  ', right: [0] }));
    section(context, 'stats.seconds', stages(learning.last_run));
  }
  if (retrieval) section(context, 'stats.retrieval', accuracies(retrieval));
  section(context, 'stats.searches', latencies(searches));
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'stats',
  define(command) {
    command.option('--prometheus', say('stats.prometheus'));
  },
  async run(context, options) {
    const { memoryPath, withMemory } = require('../memory.js');
    await withMemory(
      context,
      async (bridge) => {
        // A filter alone opens the catalog, whose columns tell the quality of all chunks.
        await bridge.searchSimilar('a', 1, { weights: { dense: 0 }, signal: context.signal });
        if (options.prometheus) {
          process.stdout.write(await bridge.getPrometheusMetrics());
          return;
        }
        const metrics = await bridge.getMetrics();
        const { searches } = await bridge.getHistory({ limit: SEARCHES_READ });
        const path = await memoryPath(context.options);
        context.result(metrics, () => printStats(context, { metrics, searches }, path));
      },
      { history: false },
    );
  },
};
