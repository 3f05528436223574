// @ts-check
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { EXIT, Failure, wrongUsage } = require('./failure.js');
const { say } = require('./language.js');

/** @typedef {import('fluorite-memory-engine').FluoriteBridge} Bridge */
/** @typedef {import('./context.js').Context} Context */

/** Where a user's memory lies when nothing else is said. */
function userMemoryPath() {
  const data =
    process.env.XDG_DATA_HOME ||
    (process.platform === 'darwin'
      ? path.join(os.homedir(), 'Library', 'Application Support')
      : path.join(os.homedir(), '.local', 'share'));
  return path.join(data, 'fluorite', 'memory');
}

/**
 * A path of the configuration: of the environment or of a file; undefined where neither says it.
 * @param {string} key
 * @param {{config?: string}} options
 * @returns {Promise<string | undefined>}
 */
async function configuredPath(key, options) {
  const { FluoriteBridge } = require('fluorite-memory-engine');
  const values = await FluoriteBridge.getConfiguration({ config_path: options.config });
  const found = values.find((one) => one.key === key);
  return typeof found?.value === 'string' ? found.value : undefined;
}

/**
 * The folder that --memory names, else the configuration, else the user's own.
 * @param {{memory?: string, config?: string}} options
 * @returns {Promise<string>}
 */
async function memoryPath(options) {
  if (options.memory === '') throw wrongUsage(say('memory.empty'));
  if (options.memory !== undefined) return path.resolve(options.memory);
  return (await configuredPath('memory.memory_path', options)) ?? userMemoryPath();
}

/**
 * What the options of a command mean to `initialize`.
 * @param {{memory?: string, config?: string, history?: boolean}} options
 */
async function memoryOptions(options) {
  return {
    memory_path: await memoryPath(options),
    config_path: options.config,
    history: options.history === false ? false : undefined,
  };
}

/** @param {string} folder */
const isMemory = (folder) => fs.existsSync(path.join(folder, 'chunks'));

/**
 * Whether there is a memory where the options say.
 * @param {{memory?: string, config?: string}} options
 */
const hasMemory = async (options) => isMemory(await memoryPath(options));

/**
 * Opens the memory that the options name, works with it, and closes it.
 * @template T
 * @param {Context} context
 * @param {(bridge: Bridge) => Promise<T>} work
 * @param {{create?: boolean} & Partial<import('fluorite-memory-engine').InitializeOptions>} [settings] `create`:
 *   whether to make a memory where there is none
 * @returns {Promise<T>}
 */
async function withMemory(context, work, { create = false, ...settings } = {}) {
  const memory = settings.memory_path ?? context.options.memory;
  const options = { ...(await memoryOptions({ ...context.options, memory })), ...settings };
  if (!create && !isMemory(options.memory_path)) {
    throw new Failure(say('memory.none', { path: options.memory_path }), EXIT.not_found);
  }
  const { FluoriteBridge } = require('fluorite-memory-engine');
  const bridge = new FluoriteBridge();
  return await context.interruptible(async () => {
    try {
      await bridge.initialize(options);
      return await work(bridge);
    } finally {
      await bridge.shutdown();
    }
  });
}

/**
 * The same with an empty memory that is thrown away.
 * @template T
 * @param {Context} context
 * @param {(bridge: Bridge) => Promise<T>} work
 * @param {Parameters<typeof withMemory>[2]} [settings]
 * @returns {Promise<T>}
 */
async function withEmptyMemory(context, work, settings) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-dry-run-'));
  try {
    const memory_path = path.join(folder, 'memory');
    return await withMemory(context, work, { ...settings, create: true, memory_path });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = {
  configuredPath,
  hasMemory,
  memoryOptions,
  memoryPath,
  userMemoryPath,
  withEmptyMemory,
  withMemory,
};
