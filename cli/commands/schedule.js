// @ts-check
'use strict';

const { Option } = require('commander');
const { say } = require('../language.js');

const KINDS = ['cron', 'systemd', 'launchd'];

/** @typedef {import('../context.js').Context} Context */

/**
 * @param {Context} context
 * @param {any} schedule
 * @param {{dryRun?: boolean}} [options]
 */
function printSchedule(context, schedule, { dryRun = false } = {}) {
  const { kind, installed, time, command, files, commands } = schedule;
  context.result(schedule, () => {
    if (!installed) context.print(say('schedule.none'));
    else
      context.print(
        say('schedule.daily', { time: time ?? '?', kind: kind ?? '', command: command.join(' ') }),
      );
    if (!dryRun) {
      for (const { path } of files) context.print(`  ${path}`);
      return;
    }
    for (const { path, content } of files) {
      context.print(context.style('bold', `--- ${path}`));
      context.print(content.trimEnd());
    }
    for (const words of commands) context.print(`$ ${words.join(' ')}`);
    context.print(say('schedule.dry'));
  });
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'schedule',
  async run(context) {
    const { withMemory } = require('../memory.js');
    await withMemory(context, async (bridge) => printSchedule(context, await bridge.getSchedule()), {
      create: true,
    });
  },
  define(command, act) {
    const set = command
      .command('set')
      .description(say('schedule.set'))
      .option('--time <hh:mm>', say('schedule.time'))
      .addOption(new Option('--kind <kind>', say('schedule.kind')).choices(KINDS))
      .option('--dry-run', say('schedule.dry_run'));
    act(set, async (context, { time, kind, dryRun }) => {
      const { withMemory } = require('../memory.js');
      const work = (/** @type {any} */ bridge) => bridge.setSchedule({ time, kind, dry_run: dryRun });
      printSchedule(context, await withMemory(context, work, { create: true }), { dryRun });
    });
    const remove = command
      .command('remove')
      .description(say('schedule.remove'))
      .option('--dry-run', say('schedule.dry_run'));
    act(remove, async (context, { dryRun }) => {
      const { withMemory } = require('../memory.js');
      const work = (/** @type {any} */ bridge) => bridge.removeSchedule({ dry_run: dryRun });
      printSchedule(context, await withMemory(context, work, { create: true }), { dryRun });
    });
  },
};
