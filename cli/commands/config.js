// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Failure } = require('../failure.js');
const { say } = require('../language.js');

/**
 * @param {import('../context.js').Context} context
 * @param {import('fluorite-memory-engine').ConfigurationValue[]} values
 */
function printValues(context, values) {
  const { table } = require('../terminal/format.js');
  const { style } = context;
  const rows = values.map(({ key, value, origin, source, unit }) => [
    key,
    value === null ? '-' : typeof value === 'string' ? value : JSON.stringify(value),
    unit ?? '',
    source ?? say(`config.from_${origin}`),
  ]);
  const header = [say('config.key'), say('config.value'), say('config.unit'), say('config.origin')];
  const [first, ...lines] = table([header, ...rows]);
  context.print(style('bold', first));
  lines.forEach((line, index) => {
    context.print(values[index].origin === 'default' ? style('dim', line) : line);
  });
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'config',
  async run(context) {
    const { FluoriteBridge } = require('fluorite-memory-engine');
    const { config: config_path, memory: memory_path } = context.options;
    const values = await FluoriteBridge.getConfiguration({ config_path, memory_path });
    context.result(values, () => printValues(context, values));
  },
  define(command, act) {
    const init = command
      .command('init')
      .description(say('config.init'))
      .argument('[file]', say('config.file'), 'fluorite.toml')
      .option('--force', say('config.force'));
    act(init, async (context, file, options) => {
      const { FluoriteBridge } = require('fluorite-memory-engine');
      const target = path.resolve(file);
      const text = await FluoriteBridge.configurationTemplate();
      fs.mkdirSync(path.dirname(target), { recursive: true });
      try {
        fs.writeFileSync(target, text, { flag: options.force ? 'w' : 'wx' });
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
        throw new Failure(say('config.exists', { path: target }));
      }
      context.result({ path: target }, () => context.print(say('config.written', { path: target })));
    });
  },
};
