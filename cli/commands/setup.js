// @ts-check
'use strict';

const { Option } = require('commander');
const { say } = require('../language.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'setup',
  define(command) {
    command
      .option('--python <path>', say('setup.python'))
      .option('--venv <folder>', say('setup.venv'))
      .option('--serve-only', say('setup.serve_only'))
      .addOption(new Option('--with <extra...>', say('setup.with')).choices(['dev']))
      .option('--offline', say('setup.offline'))
      .option('--wheels <folder>', say('setup.wheels'))
      .option('--dry-run', say('setup.dry_run'));
  },
  async run(context, options) {
    const { planSetup, setup } = require('../setup/setup.js');
    if (!options.dryRun) {
      const made = await setup(options);
      if (context.asJson) context.result(made, () => {});
      return;
    }
    const { describePlan } = require('../setup/python_side.js');
    const plan = await planSetup(options);
    context.result(plan, () => {
      const steps = /** @type {const} */ (['node_packages', 'addon', 'environment', 'model']);
      for (const step of steps) {
        const title = say(`setup.${step}`);
        context.print(say(plan.ready[step] ? 'steps.up_to_date' : 'setup.to_do', { title }));
        if (step === 'environment' && !plan.ready.environment)
          context.print(`  ${describePlan(plan.downloads)}`);
      }
    });
  },
};
