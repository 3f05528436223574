// @ts-check
'use strict';

const { EXIT, Failure } = require('../failure.js');
const { say } = require('../language.js');

/** @typedef {'done' | 'skipped' | 'failed' | 'partial' | 'planned'} Status */

/** @type {Record<Status, import('../terminal/style.js').Style>} */
const STYLES = { done: 'green', skipped: 'dim', failed: 'red', partial: 'yellow', planned: 'cyan' };

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'auto-learn',
  define(command) {
    command
      .option('--sources <file>', say('auto_learn.sources'))
      .option('--repository <folder>', say('auto_learn.repository'))
      .option('--commit', say('auto_learn.commit'))
      .option('--wait', say('auto_learn.wait'))
      .option('--dry-run', say('auto_learn.dry_run'));
  },
  async run(context, options) {
    const { withMemory } = require('../memory.js');
    const { bytes, duration, number, table } = require('../terminal/format.js');
    const report = await withMemory(
      context,
      (bridge) =>
        bridge.autoLearn({
          sources_path: options.sources,
          repository: options.repository,
          commit: options.commit,
          wait: options.wait,
          dry_run: options.dryRun,
          ...context.longCall,
        }),
      { create: true },
    );
    const shown = (/** @type {Status} */ status) =>
      context.style(STYLES[status], say(`auto_learn.${status}`));
    const failed = report.steps.some(({ status }) => status === 'failed');
    context.result(report, () => {
      // What runs every night should be silent while all is well.
      if (context.quiet && !failed) return;
      if (report.resumed) context.print(say('auto_learn.resumed'));
      const sources = report.sources.map(({ name, status, reason, files, bytes: size }) => [
        shown(status),
        name,
        say('auto_learn.files', { count: number(files), size: bytes(size) }),
        reason ?? '',
      ]);
      for (const line of table(sources)) context.print(line);
      const steps = report.steps.map(({ name, status, reason, seconds }) => [
        shown(status),
        say(`auto_learn.step_${name}`),
        duration(seconds * 1000),
        reason ?? '',
      ]);
      for (const line of table(steps, { right: [2] })) context.print(line);
    });
    if (failed) throw new Failure(context.asJson ? '' : say('auto_learn.some_failed'), EXIT.problems);
  },
};
