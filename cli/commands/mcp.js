// @ts-check
'use strict';

const { say } = require('../language.js');

/** @typedef {import('../context.js').Context} Context */

/**
 * @param {Context} context
 * @param {string} diff
 */
function printDiff(context, diff) {
  const { printable } = require('../terminal/format.js');
  // The first two lines are those of a patch for another program.
  for (const line of printable(diff).trimEnd().split('\n').slice(2)) {
    const style = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'dim';
    context.print(`  ${context.style(style, line)}`);
  }
}

/** Whether the user agrees; nobody can be asked but at a terminal. */
async function confirmed() {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const { createInterface } = require('node:readline/promises');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y|yes|はい)$/i.test((await asking.question(`${say('mcp.write')} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'mcp',
  define(command, act) {
    act(command.command('entry').description(say('mcp.entry')), async (context) => {
      const { serverEntry } = require('../../mcp/install.js');
      context.print(JSON.stringify(serverEntry({ memory_path: context.options.memory }), null, 2));
    });
    const install = command
      .command('install')
      .description(say('mcp.install'))
      .argument('[client...]', say('mcp.clients'))
      .option('--project <folder>', say('mcp.project'))
      .option('--name <name>', say('mcp.name'))
      .option('-y, --yes', say('mcp.yes'))
      .option('--dry-run', say('mcp.dry_run'));
    act(install, async (context, clients, options) => {
      const { install: installed } = require('../../mcp/install.js');
      const wanted = {
        clients: clients.length > 0 ? clients : undefined,
        project: options.project,
        server_name: options.name,
        memory_path: options.memory,
      };
      let plans = await installed({ ...wanted, dry_run: true });
      const changes = plans.filter((plan) => plan.changed);
      if (!context.asJson) {
        for (const { title, path, changed, diff } of plans) {
          context.print(`${context.style('bold', title)}  ${path}`);
          if (changed) printDiff(context, diff);
          else context.print(`  ${say('mcp.unchanged')}`);
        }
      }
      const writes = changes.length > 0 && !options.dryRun && (options.yes || (await confirmed()));
      if (writes) plans = await installed({ ...wanted, clients: changes.map((plan) => plan.client) });
      context.result({ written: writes, clients: plans }, () => {
        if (changes.length === 0) return;
        context.print(say(writes ? 'mcp.written' : 'mcp.not_written'));
        for (const { backup } of writes ? plans : [])
          if (backup) context.print(`  ${say('mcp.backup', { path: backup })}`);
      });
    });
  },
};
