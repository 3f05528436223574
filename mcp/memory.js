// @ts-check
'use strict';

const { FluoriteBridge } = require('../lib/index.js');

/** @typedef {import('../types/index.js').FluoriteBridge} Bridge */
/** @typedef {import('../types/index.js').InitializeOptions} InitializeOptions */
/**
 * Options of `initialize`, or what finds them when the memory is opened.
 * @typedef {Partial<InitializeOptions> | (() => Promise<Partial<InitializeOptions>>)} MemoryOptions
 */

/** A memory that is opened when it is first needed, and again when that failed. */
class Memory {
  #options;
  /** @type {Promise<Bridge> | undefined} */
  #opening;

  /** @param {MemoryOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @returns {Promise<Bridge>} rejects with the FluoriteError of `initialize` */
  bridge() {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Opens the memory and loads the model. What fails here meets the call that needs it. */
  async warm() {
    try {
      const bridge = await this.bridge();
      await bridge.generateEmbedding('ready');
    } catch (error) {
      const { code, message } = /** @type {import('../types/index.js').FluoriteError} */ (error);
      if (code !== 'ML_DISABLED' && code !== 'CANCELLED') {
        process.stderr.write(`fluorite-memory: ${message}\n`);
      }
    }
  }

  /** Cancels what still runs, saves and closes. */
  async close() {
    const opening = this.#opening;
    this.#opening = undefined;
    const bridge = await opening?.catch(() => undefined);
    await bridge?.shutdown();
  }

  async #open() {
    const bridge = /** @type {Bridge} */ (/** @type {unknown} */ (new FluoriteBridge()));
    try {
      const options = typeof this.#options === 'function' ? await this.#options() : this.#options;
      await bridge.initialize(/** @type {InitializeOptions} */ (options));
      return bridge;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}

module.exports = { Memory };
