// @ts-check
'use strict';

const { Argument } = require('commander');
const { say } = require('../language.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'completion',
  json: false,
  define(command) {
    command.addArgument(new Argument('<shell>', say('completion.shell')).choices(['bash', 'zsh', 'fish']));
  },
  async run(_context, shell) {
    const { completionScript } = require('../completion_script.js');
    const { buildProgram } = require('../program.js');
    process.stdout.write(completionScript(shell, buildProgram()));
  },
};
