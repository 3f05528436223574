// @ts-check
'use strict';

const { Option } = require('commander');
const { say } = require('../language.js');

/** @typedef {import('../context.js').Context} Context */
/** @typedef {import('fluorite-memory-engine').FluoriteBridge} Bridge */
/** @typedef {import('fluorite-memory-engine').Schedule} Schedule */

const SAFE_WORD = /^[\w@%+=:,./-]+$/;

/** A command as a shell takes it. @param {string[]} words */
const shellLine = (words) =>
  words.map((word) => (SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');

/**
 * @param {Context} context
 * @param {Schedule} schedule
 */
function printState(context, { kind, time, installed, command }) {
  const when = time ?? say('schedule.unknown_time');
  const state = installed ? 'schedule.every_day' : 'schedule.switched_off';
  context.print(context.style('bold', say(state, { time: when, kind: kind ?? '' })));
  if (command.length > 0) context.print(`  ${shellLine(command)}`);
}

/**
 * Every file whole, and every command.
 * @param {Context} context
 * @param {Schedule} schedule
 * @param {Schedule} before
 */
function printPlan(context, { changed, files, commands }, before) {
  if (!changed) return context.print(say('schedule.nothing_to_do'));
  const gone = before.files.filter((one) => !files.some(({ path: file }) => file === one.path));
  for (const { path: file } of gone)
    context.print(context.style('bold', say('schedule.would_remove', { path: file })));
  for (const { path: file, content } of files) {
    context.print(context.style('bold', say('schedule.would_hold', { path: file })));
    for (const line of content.replace(/\n$/, '').split('\n')) context.print(`  ${line}`.trimEnd());
  }
  if (commands.length === 0) return;
  context.print(context.style('bold', say('schedule.would_run')));
  for (const command of commands) context.print(`  ${shellLine(command)}`);
}

/**
 * With the memory, or where there is none with an empty one, for what is not about a memory.
 * @template T
 * @param {Context} context
 * @param {(bridge: Bridge) => Promise<T>} work
 */
async function withAnyMemory(context, work) {
  const { hasMemory, withEmptyMemory, withMemory } = require('../memory.js');
  const open = (await hasMemory(context.options)) ? withMemory : withEmptyMemory;
  return await open(context, work, { enable_ml: false });
}

/** @param {Context} context */
async function show(context) {
  const schedule = await withAnyMemory(context, (bridge) => bridge.getSchedule());
  context.result(schedule, () => {
    if (schedule.kind === null) return context.print(say('schedule.none'));
    printState(context, schedule);
    for (const { path: file } of schedule.files) context.print(`  ${file}`);
  });
}

/**
 * @param {Context} context
 * @param {{time?: string, kind?: import('fluorite-memory-engine').ScheduleKind, dryRun?: boolean}} options
 */
async function set(context, { time, kind, dryRun: dry_run }) {
  const { withMemory } = require('../memory.js');
  const work = async (/** @type {Bridge} */ bridge) => ({
    before: await bridge.getSchedule(),
    schedule: await bridge.setSchedule({ time, kind, dry_run }),
  });
  const { before, schedule } = await withMemory(context, work, { enable_ml: false });
  context.result(schedule, () => {
    printState(context, schedule);
    if (dry_run) printPlan(context, schedule, before);
    else context.print(say(schedule.changed ? 'schedule.was_set' : 'schedule.was_so'));
  });
}

/**
 * @param {Context} context
 * @param {{dryRun?: boolean}} options
 */
async function remove(context, { dryRun: dry_run }) {
  const { before, schedule } = await withAnyMemory(context, async (bridge) => ({
    before: await bridge.getSchedule(),
    schedule: await bridge.removeSchedule({ dry_run }),
  }));
  context.result(schedule, () => {
    if (dry_run) printPlan(context, schedule, before);
    else context.print(say(schedule.changed ? 'schedule.removed' : 'schedule.nothing_removed'));
  });
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'schedule',
  define(command, act) {
    command.helpCommand(false);
    const named = (/** @type {string} */ name, /** @type {string} */ description, isDefault = false) =>
      command.command(name, { isDefault }).description(description);
    act(named('show', say('schedule.show'), true), show);
    const setting = named('set', say('schedule.set'))
      .option('--time <hh:mm>', say('schedule.time'))
      .addOption(new Option('--kind <kind>', say('schedule.kind')).choices(['cron', 'systemd', 'launchd']))
      .option('--dry-run', say('schedule.dry_run'));
    act(setting, set);
    act(named('remove', say('schedule.remove')).option('--dry-run', say('schedule.dry_run')), remove);
  },
};
