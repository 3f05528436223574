// @ts-check
'use strict';

const { FluoriteBridge } = require('./bridge.js');
const { FluoriteError } = require('./errors.js');

module.exports = { FluoriteBridge, FluoriteError };
