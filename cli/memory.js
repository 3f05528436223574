// @ts-check
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { EXIT, Failure } = require('./failure.js');
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

/** @param {{memory?: string}} options */
function memoryPath(options) {
  return path.resolve(options.memory ?? (process.env.FLUORITE_MEMORY_PATH || userMemoryPath()));
}

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
  const memory_path = settings.memory_path ?? memoryPath(context.options);
  if (!create && !fs.existsSync(path.join(memory_path, 'chunks'))) {
    throw new Failure(say('memory.none', { path: memory_path }), EXIT.not_found);
  }
  const { FluoriteBridge } = require('fluorite-memory-engine');
  const bridge = new FluoriteBridge();
  return await context.interruptible(async () => {
    try {
      await bridge.initialize({ config_path: context.options.config, ...settings, memory_path });
      return await work(bridge);
    } finally {
      await bridge.shutdown();
    }
  });
}

module.exports = { memoryPath, withMemory };
