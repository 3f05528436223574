// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Option } = require('commander');
const { EXIT, Failure, wrongUsage } = require('../failure.js');
const { say } = require('../language.js');
const { collect } = require('../options.js');

/** @typedef {import('../context.js').Context} Context */
/** @typedef {import('../source_kind.js').SourceKind} SourceKind */
/** @typedef {import('fluorite-memory-engine').FluoriteBridge} Bridge */
/** @typedef {import('fluorite-memory-engine').LearningReport | import('fluorite-memory-engine').SourceReport} Report */
/** @typedef {{kind: SourceKind, path: string, report: Report}} Learned */

const TEMPLATES = 'memory.spike_templates_path';

/** @type {Record<SourceKind, 'learnFromSpikes' | 'learnFromDocuments' | 'learnFromCode'>} */
const METHODS = { spikes: 'learnFromSpikes', documents: 'learnFromDocuments', code: 'learnFromCode' };

/**
 * @param {string[]} folders
 * @param {SourceKind[] | undefined} asked
 * @returns {{path: string, kinds: SourceKind[]}[]}
 */
function sourcesOf(folders, asked) {
  const { kindsOf } = require('../source_kind.js');
  return folders.map((folder) => {
    const full = path.resolve(folder);
    const status = fs.statSync(full, { throwIfNoEntry: false });
    if (!status) throw new Failure(say('learn.no_folder', { path: full }), EXIT.not_found);
    if (!status.isDirectory()) throw new Failure(say('learn.no_directory', { path: full }));
    const kinds = asked ?? kindsOf(full);
    if (kinds.length === 0) throw new Failure(say('learn.nothing', { path: full }), EXIT.not_found);
    return { path: full, kinds };
  });
}

/**
 * @param {Context} context
 * @param {Learned} learned
 */
function printReport(context, { kind, path: folder, report }) {
  const { duration, number } = require('../terminal/format.js');
  const counts = /** @type {const} */ (['new', 'changed', 'unchanged', 'removed']);
  const title = say(`learn.${kind}`);
  context.print(context.style('bold', say('learn.title', { title, path: folder })));
  const files = counts.map((count) => say(`learn.${count}`, { count: number(report[count]) }));
  context.print(`  ${files.join(' · ')}`);
  context.print(
    `  ${say('learn.chunks', {
      stored: number(report.chunks_stored),
      good: number(report.high_quality_chunks),
      removed: number(report.chunks_removed),
      time: duration(report.seconds.total * 1000),
    })}`,
  );
  if (report.retrieval?.adopted)
    context.print(`  ${say('learn.retrieval', { reason: report.retrieval.reason })}`);
  if ('repaired' in report && report.repaired.length > 0)
    context.print(`  ${say('learn.repaired', { count: report.repaired.length })}`);
  if ('secrets' in report && report.secrets.length > 0) {
    context.print(`  ${say('learn.secrets', { count: report.chunks_withheld })}`);
    for (const { file, line, kind: secret } of report.secrets)
      context.print(`    ${file}:${line}  ${secret}`);
  }
  if (report.malformed.length > 0) {
    context.print(`  ${say('learn.malformed', { count: report.malformed.length })}`);
    for (const { file, line, reason } of report.malformed) context.print(`    ${file}:${line}  ${reason}`);
  }
}

/**
 * @param {Context} context
 * @param {Bridge} bridge
 * @param {{path: string, kinds: SourceKind[]}[]} sources
 * @returns {Promise<Learned[]>} what found something to learn
 */
async function learnAll(context, bridge, sources) {
  const learned = [];
  for (const { path: folder, kinds } of sources) {
    for (const kind of kinds) {
      context.note(say('learn.learning', { title: say(`learn.${kind}`), path: folder }));
      const report = await bridge[METHODS[kind]]({ path: folder, ...context.longCall });
      context.display.clear();
      if (kinds.length === 1 || report.processed + report.unchanged + report.removed > 0)
        learned.push({ kind, path: folder, report });
    }
  }
  return learned;
}

/**
 * Learns folders of templates whenever they change, until it is interrupted.
 * @param {Context} context
 * @param {{path: string, kinds: SourceKind[]}[]} sources
 */
async function watch(context, sources) {
  const { withMemory } = require('../memory.js');
  const { reportError } = require('../report_error.js');
  const other = sources.find(({ kinds }) => kinds.some((kind) => kind !== 'spikes'));
  if (other) throw wrongUsage(say('learn.watches_spikes', { path: other.path }));
  await withMemory(
    context,
    async (bridge) => {
      for (const { path: folder } of sources) {
        await bridge.watchSpikes({
          path: folder,
          onReport: (report) => {
            const learned = { kind: /** @type {const} */ ('spikes'), path: folder, report };
            if (context.asJson) context.print(JSON.stringify(learned));
            else printReport(context, learned);
          },
          onError: (error) => reportError(error, context.asJson ? ['--json'] : []),
        });
        context.note(say('learn.watching', { path: folder }));
      }
      // The watchers keep no process alive, and what ends this one is the user.
      const awake = setInterval(() => {}, 60_000);
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      clearInterval(awake);
    },
    { create: true },
  );
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'learn',
  define(command) {
    const kinds = Object.keys(METHODS);
    command
      .argument('[folder...]', say('learn.folder'))
      .addOption(
        new Option('--as <kind>', say('learn.as')).choices(kinds).argParser((kind, before) => {
          if (!kinds.includes(kind)) {
            const { InvalidArgumentError } = require('commander');
            throw new InvalidArgumentError(say('usage.choices', { choices: kinds.join(', ') }));
          }
          return collect(kind, /** @type {any} */ (before));
        }),
      )
      .option('--watch', say('learn.watch'))
      .option('--dry-run', say('learn.dry_run'))
      .option('--no-model', say('learn.no_model'));
  },
  async run(context, folders, options) {
    const { configuredPath, withEmptyMemory, withMemory } = require('../memory.js');
    const given = folders.length > 0 ? folders : [await configuredPath(TEMPLATES, options)];
    if (given[0] === undefined) throw wrongUsage(say('learn.no_source'));
    const sources = sourcesOf(given, options.as);
    if (options.watch) return await watch(context, sources);
    const dry_run = options.dryRun === true;
    const open = dry_run ? withEmptyMemory : withMemory;
    const learned = await open(context, (bridge) => learnAll(context, bridge, sources), {
      create: true,
      enable_ml: options.model && !dry_run ? undefined : false,
    });
    context.result({ dry_run, learned }, () => {
      for (const one of learned) printReport(context, one);
      if (dry_run) context.print(say('learn.was_dry_run'));
    });
  },
};
