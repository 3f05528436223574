// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');
const { FluoriteError } = require('./errors.js');

/**
 * The door to Python.
 * @typedef {object} Addon
 * @property {(options: {library: string, program: string, module_path: string}) => Promise<void>} connect
 * @property {(number: number, method: string, envelope: Uint8Array, buffers: Uint8Array[], onProgress?: (envelope: Buffer) => void)
 *   => Promise<{envelope: Buffer, buffers: Buffer[]}>} submit
 * @property {() => boolean} answerIsNear
 * @property {(number: number) => void} cancel
 * @property {(view: Uint8Array) => bigint} address
 * @property {() => void} prepareExit
 */

const root = path.dirname(__dirname);
const binaries = [
  path.join(root, 'prebuilds', `${process.platform}-${process.arch}`, 'fluorite.node'),
  path.join(root, 'build', 'Release', 'fluorite.node'),
];

/** @type {Addon | undefined} */
let addon;

/** @returns {Addon} */
function loadAddon() {
  if (addon !== undefined) return addon;
  const binary = binaries.find((file) => fs.existsSync(file));
  if (binary === undefined) {
    throw new FluoriteError(
      'ADDON_NOT_BUILT',
      `The native addon for ${process.platform}-${process.arch} has not been built in ${root}. ` +
        `Build it with: npm run setup --prefix ${root}`,
    );
  }
  try {
    addon = /** @type {Addon} */ (require(binary));
  } catch (cause) {
    throw new FluoriteError(
      'ADDON_NOT_BUILT',
      `The native addon ${binary} cannot be loaded (${cause instanceof Error ? cause.message : cause}). ` +
        `Build it again with: npm run setup --prefix ${root}`,
      { cause },
    );
  }
  // Exit handlers run in reverse order, so the last to register is the first to look.
  if (isMainThread) process.once('exit', addon.prepareExit);
  return addon;
}

module.exports = { loadAddon };
