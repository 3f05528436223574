// @ts-check
'use strict';

const { wrongUsage } = require('../failure.js');
const { say } = require('../language.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'serve',
  json: false,
  define(command) {
    command.option('--mcp', say('serve.mcp'));
  },
  async run(context, { mcp }) {
    if (!mcp) throw wrongUsage(say('serve.no_protocol'));
    const { memoryOptions } = require('../memory.js');
    const { serve } = require('../../mcp/server.js');
    // What is configured is read when the memory is opened, after the handshake.
    const options = () => memoryOptions(context.options);
    await serve({ options: context.options.memory === undefined ? options : await options() }).closed;
  },
};
