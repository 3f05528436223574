// @ts-check
'use strict';

module.exports = {
  ...require('./en/general.js'),
  ...require('./en/setup.js'),
  ...require('./en/memory.js'),
  ...require('./en/reports.js'),
  ...require('./en/upkeep.js'),
  ...require('./en/assistants.js'),
  ...require('./en/automation.js'),
};
