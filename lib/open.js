// @ts-check
'use strict';

const path = require('node:path');
const { loadAddon } = require('./addon.js');
const { fromPython, startCall } = require('./call.js');
const { FluoriteError } = require('./errors.js');
const { findPython } = require('./python.js');

const modulePath = path.join(path.dirname(__dirname), 'python');
const packageModels = path.join(path.dirname(__dirname), 'models');

/** What settings may depend on. */
const VARIABLES = /^(FLUORITE_.*|HOME|XDG_CONFIG_HOME)$/;

/**
 * @param {any} config
 * @returns {Promise<number>}
 */
async function open(config) {
  const given = await connect('initialize', config);
  return await startCall(null, 'open', { ...given, package_models: packageModels }).answer;
}

/**
 * Starts Python, once in a process, and gives what it cannot see for itself: a worker has an environment of its
 * own, and Python knows only that of the process's start.
 * @param {string} method
 * @param {any} config
 */
async function connect(method, config) {
  if (config === null || typeof config !== 'object' || Array.isArray(config)) {
    throw new FluoriteError(
      'INVALID_ARGUMENT',
      `${method} takes an object. Pass { memory_path: './memory' }.`,
    );
  }
  const { python, ...options } = config;
  if (python !== undefined && typeof python !== 'string') {
    throw new FluoriteError(
      'INVALID_ARGUMENT',
      `python is a ${typeof python}. Pass the path of an interpreter.`,
    );
  }
  const addon = loadAddon();
  const interpreter = await findPython(python);
  try {
    await addon.connect({ ...interpreter, module_path: modulePath });
  } catch (reason) {
    throw fromPython(reason);
  }
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => VARIABLES.test(name)),
  );
  return { options, environment };
}

module.exports = { connect, open };
