// @ts-check
'use strict';

const { EXIT, Failure } = require('../failure.js');
const { say } = require('../language.js');

/** @typedef {import('../context.js').Context} Context */
/** @typedef {import('fluorite-memory-engine').AutoLearnReport} Report */
/** @typedef {import('fluorite-memory-engine').AutoLearnStep} Step */

/** @type {Record<Step['status'] | Report['sources'][number]['status'], import('../terminal/style.js').Style>} */
const STYLES = { done: 'green', partial: 'yellow', failed: 'red', skipped: 'dim', planned: 'cyan' };

/** @param {Step | Report['sources'][number]} one */
const isProblem = ({ status }) => status === 'failed' || status === 'partial';

/** What a step did or, in a dry run, would do. @param {Step} step */
function summary({ name, details }) {
  const { number } = require('../terminal/format.js');
  /** @type {Record<string, any>} */
  const told = details;
  const count = (/** @type {unknown} */ value) => number(Number(value));
  if (name === 'learn' && 'chunks_stored' in told) {
    const { chunks_stored, chunks_removed } = told;
    return say('auto_learn.learned', { stored: count(chunks_stored), removed: count(chunks_removed) });
  }
  if (name === 'learn') return [...(told.templates ?? [])].join(', ');
  if (name === 'export' && 'chunks' in told)
    return say('auto_learn.exported', { chunks: count(told.chunks), path: told.path });
  if (name === 'export') return told.path ?? '';
  if (name === 'commit' && 'repository' in told) return told.repository;
  if (name === 'commit' && told.commit)
    return say('auto_learn.committed', { files: count(told.files), commit: told.commit.slice(0, 12) });
  return '';
}

/**
 * The steps, and below the first of them the sources; with --quiet what went wrong alone.
 * @param {Context} context
 * @param {Report} report
 */
function printReport(context, report) {
  const { bytes, duration, number, table } = require('../terminal/format.js');
  const { style } = context;
  const isTrial = report.run_id === '';
  const told = (/** @type {Step | Report['sources'][number]} */ one) => !context.quiet || isProblem(one);
  if (report.resumed && !context.quiet) context.print(say('auto_learn.resumed'));
  const state = (/** @type {keyof typeof STYLES} */ status) =>
    style(STYLES[status], say(`auto_learn.${status}`));
  const asked = report.steps.filter(
    ({ name, details }) => !isTrial || name !== 'commit' || 'repository' in details,
  );
  const steps = asked.filter(told).map((step) => {
    // The sources tell below what became of each.
    const reason = isTrial || (step.name === 'collect' && report.sources.length > 0) ? null : step.reason;
    return [
      state(isTrial ? 'planned' : step.status),
      say(`auto_learn.step_${step.name}`),
      step.status === 'skipped' ? '' : duration(step.seconds * 1000),
      [summary(step), reason].filter(Boolean).join(' · '),
    ];
  });
  for (const line of table(steps, { right: [2] })) context.print(line);
  const sources = report.sources
    .filter(told)
    .map((source) => [
      state(source.status),
      source.name,
      say(`auto_learn.kind_${source.kind}`),
      source.status === 'planned' ? '' : say('auto_learn.files', { count: number(source.files) }),
      source.status === 'planned' ? '' : bytes(source.bytes),
      source.reason ?? '',
    ]);
  if (sources.length > 0) context.print(style('bold', say('auto_learn.sources')));
  for (const line of table(sources, { indent: '  ', right: [3, 4] })) context.print(line);
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'auto-learn',
  define(command) {
    command
      .option('--sources <file>', say('auto_learn.sources_file'))
      .option('--commit', say('auto_learn.commit'))
      .option('--repository <folder>', say('auto_learn.repository'))
      .option('--wait', say('auto_learn.wait'))
      .option('--dry-run', say('auto_learn.dry_run'));
  },
  async run(context, options) {
    const { hasMemory, withMemory, withEmptyMemory } = require('../memory.js');
    const { sources: sources_path, commit, repository, wait, dryRun: dry_run } = options;
    const asked = { sources_path, commit, repository, wait, dry_run };
    // A trial makes nothing, not even a memory.
    const open = dry_run && !(await hasMemory(context.options)) ? withEmptyMemory : withMemory;
    const report = await open(context, (bridge) => bridge.autoLearn({ ...asked, ...context.longCall }), {
      create: !dry_run,
    });
    context.result(report, () => printReport(context, report));
    const problems = [...report.steps, ...report.sources].filter(isProblem).length;
    if (problems > 0) throw new Failure(context.asJson ? '' : say('auto_learn.problems'), EXIT.problems);
  },
};
