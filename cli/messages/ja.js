// @ts-check
'use strict';

/** @type {Record<keyof typeof import('./en.js'), string>} */
module.exports = {
  ...require('./ja/general.js'),
  ...require('./ja/setup.js'),
  ...require('./ja/memory.js'),
  ...require('./ja/reports.js'),
  ...require('./ja/upkeep.js'),
  ...require('./ja/assistants.js'),
  ...require('./ja/automation.js'),
};
