// @ts-check
'use strict';

const { Command, Option } = require('commander');
const { Context } = require('./context.js');
const { wrongUsage } = require('./failure.js');
const { helpSettings } = require('./help.js');
const { LANGUAGES, say, sayIfKnown } = require('./language.js');

/**
 * @typedef {object} CommandModule
 * @property {string} name
 * @property {boolean} [json] whether it knows --json; default true
 * @property {(command: Command, act: Act) => void} define adds arguments, options and subcommands
 * @property {(context: Context, ...values: any[]) => Promise<void>} [run] gets the arguments, then the options
 *
 * @typedef {(command: Command, run: NonNullable<CommandModule['run']>, json?: boolean) => void} Act
 */

/** The commands in the order of the help text. @type {[import('./language.js').MessageKey, string[]][]} */
const GROUPS = [
  ['group.start', ['setup', 'doctor', 'config']],
  ['group.use', ['learn', 'search', 'show', 'store', 'feedback']],
  ['group.know', ['patterns', 'frameworks', 'clusters', 'stats', 'history']],
  ['group.keep', ['export', 'import', 'backup', 'verify', 'repair', 'compact']],
  ['group.automation', ['auto-learn', 'schedule']],
  ['group.assistants', ['serve', 'mcp']],
  ['group.more', ['completion']],
];

/** @type {Act} */
function act(command, run, json = true) {
  command.action(async (...values) => {
    values.pop();
    const options = command.optsWithGlobals();
    if (options.json && !json) throw wrongUsage(say('usage.no_json', { command: command.name() }));
    if (options.color === false) process.env.NO_COLOR = '1';
    await run(new Context(options), ...values.slice(0, -1), options);
  });
}

/**
 * @param {Command} program
 * @param {CommandModule} module
 * @param {string} group
 */
function addCommand(program, module, group) {
  const command = program.command(module.name).helpGroup(group);
  const description = sayIfKnown(`${module.name}.description`) ?? '';
  command.summary(description.split('\n')[0]).description(description);
  const examples = sayIfKnown(`${module.name}.examples`);
  if (examples) {
    const lines = examples.split('\n').map((line) => `  ${line}`);
    command.addHelpText('after', `\n${say('help.examples')}\n${lines.join('\n')}`);
  }
  if (module.run) act(command, module.run, module.json);
  module.define(command, act);
}

/**
 * The command line's commands; with `only` that command alone, which is made sooner.
 * @param {string} [only]
 */
function buildProgram(only) {
  const program = new Command('fluorite-memory');
  program
    .description(say('program.description'))
    .configureHelp(helpSettings())
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .helpOption('-h, --help', say('help.help'))
    .helpCommand('help [command]', say('help.command'))
    .version(require('../package.json').version, '-V, --version', say('help.version'))
    .option('--memory <folder>', say('option.memory'))
    .option('--config <file>', say('option.config'))
    .option('--no-history', say('option.no_history'))
    .option('--json', say('option.json'))
    .option('-q, --quiet', say('option.quiet'))
    .option('--no-color', say('option.no_color'))
    .addOption(new Option('--lang <language>', say('option.lang')).choices(LANGUAGES))
    .addHelpText('after', `\n${say('help.more')}`);
  for (const [group, names] of GROUPS) {
    for (const name of names) {
      if (only === undefined || only === name)
        addCommand(program, require(`./commands/${name}.js`), say(group));
    }
  }
  return program;
}

/** The commands by their groups, in the order of the help text. @returns {[string, string[]][]} */
const commandGroups = () => GROUPS.map(([title, names]) => [say(title), names]);

const commandNames = () => GROUPS.flatMap(([, names]) => names);

module.exports = { buildProgram, commandGroups, commandNames };
