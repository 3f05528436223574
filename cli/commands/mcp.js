// @ts-check
'use strict';

const { wrongUsage } = require('../failure.js');
const { say } = require('../language.js');

/** @typedef {import('../context.js').Context} Context */

/**
 * @param {Context} context
 * @param {string} diff
 */
function printDiff(context, diff) {
  const { printable } = require('../terminal/format.js');
  const lines = printable(diff).trimEnd().split('\n');
  // What stands before the first hunk is for another program.
  for (const line of lines.slice(lines.findIndex((one) => one.startsWith('@@')))) {
    const style = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'dim';
    context.print(`  ${context.style(style, line)}`);
  }
}

/**
 * What the entry says of the memory. An assistant starts the server in a folder and an environment of its own,
 * so it says where the configuration that counts here has the memory; a project's file is for others, and says
 * only what was given.
 * @param {{memory?: string, config?: string, project?: string}} options
 */
async function memoryOfEntry(options) {
  const { configuredPath, memoryPath } = require('../memory.js');
  const configured = () =>
    options.project === undefined ? configuredPath('memory.memory_path', options) : undefined;
  const memory_path = options.memory === undefined ? await configured() : await memoryPath(options);
  return { memory_path, config_path: options.config };
}

/** @param {Context} context */
async function list(context) {
  const { assistants } = require('../../mcp/install.js');
  const all = await assistants();
  context.result(all, () => {
    const { table } = require('../terminal/format.js');
    const rows = all.map(({ client, title, path, found }) => [
      client,
      title,
      found ? say('mcp.found') : '',
      path,
    ]);
    for (const line of table(rows)) context.print(line);
  });
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'mcp',
  define(command, act) {
    command.helpCommand(false);
    act(command.command('entry').description(say('mcp.entry')), async (context) => {
      const { serverEntry } = require('../../mcp/install.js');
      context.print(JSON.stringify(serverEntry(await memoryOfEntry(context.options)), null, 2));
    });
    act(command.command('list').description(say('mcp.list')), list);
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
      const { canAsk, confirmed } = require('../terminal/question.js');
      const wanted = {
        clients: clients.length > 0 ? clients : undefined,
        project: options.project,
        server_name: options.name,
        ...(await memoryOfEntry(options)),
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
      const due = changes.length > 0 && !options.dryRun;
      if (due && !options.yes && (context.asJson || !canAsk())) throw wrongUsage(say('mcp.nobody'));
      const writes = due && (options.yes || (await confirmed(`${say('mcp.write')} [y/N]`)));
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
