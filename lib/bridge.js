// @ts-check
'use strict';

const { startCall } = require('./call.js');
const { FluoriteError } = require('./errors.js');
const { connect, open } = require('./open.js');
const { Operations } = require('./operations.js');
const { SpikeWatcher } = require('./spike_watcher.js');

/** @typedef {import('./call.js').CallOptions} CallOptions */

const asyncDispose = /** @type {typeof Symbol.asyncDispose} */ (
  Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')
);

/** A memory of code patterns in this process. Documented in types/index.d.ts. */
class FluoriteBridge extends Operations {
  /** @type {Promise<number> | undefined} */
  #engine;
  /** @type {Set<import('./call.js').RunningCall>} */
  #running = new Set();
  /** @type {Set<SpikeWatcher>} */
  #watchers = new Set();
  #wasShutDown = false;

  constructor() {
    super((method, values, options) => this.#call(method, values, options));
  }

  /** @param {any} config */
  async initialize(config) {
    if (this.#engine !== undefined) {
      throw new FluoriteError(
        'ALREADY_INITIALIZED',
        'This bridge is already initialized. Call shutdown() first, or create another FluoriteBridge.',
      );
    }
    const opening = open(config);
    this.#engine = opening;
    this.#wasShutDown = false;
    try {
      await opening;
    } catch (error) {
      if (this.#engine === opening) this.#engine = undefined;
      throw error;
    }
  }

  /** @param {any} [options] */
  static async getConfiguration(options = {}) {
    const given = await connect('getConfiguration', options);
    return await startCall(null, 'get_configuration', given).answer;
  }

  /** @param {{python?: string}} [options] */
  static async configurationTemplate(options = {}) {
    await connect('configurationTemplate', options);
    return await startCall(null, 'configuration_template', {}).answer;
  }

  /** @param {import('./spike_watcher.js').WatchOptions & {path?: string}} [options] */
  async watchSpikes({ path: given, ...options } = {}) {
    const engine = this.#engine;
    const folder = await this.#call('find_spikes', { path: given });
    if (this.#engine !== engine) throw new FluoriteError('CLOSED', 'This bridge has been shut down.');
    const learn = (/** @type {AbortSignal} */ signal) => this.learnFromSpikes({ path: folder, signal });
    const watcher = new SpikeWatcher(folder, learn, options, () => this.#watchers.delete(watcher));
    this.#watchers.add(watcher);
    await watcher.start();
    return watcher;
  }

  async shutdown() {
    const opening = this.#engine;
    if (opening === undefined) return;
    this.#engine = undefined;
    this.#wasShutDown = true;
    await Promise.all([...this.#watchers].map((watcher) => watcher.close()));
    const engine = await opening.catch(() => undefined);
    for (const running of this.#running) running.cancel();
    await Promise.allSettled([...this.#running].map((running) => running.answer));
    if (engine !== undefined) await startCall(engine, 'close', {}).answer;
  }

  async [asyncDispose]() {
    await this.shutdown();
  }

  /**
   * @param {string} method
   * @param {Record<string, unknown>} values
   * @param {CallOptions} [options]
   */
  async #call(method, values, options) {
    if (this.#engine === undefined) {
      throw this.#wasShutDown
        ? new FluoriteError('CLOSED', 'This bridge has been shut down. Call initialize() to open it again.')
        : new FluoriteError(
            'NOT_INITIALIZED',
            'This bridge is not initialized. Await initialize({ memory_path }).',
          );
    }
    const running = startCall(await this.#engine, method, values, options);
    this.#running.add(running);
    try {
      return await running.answer;
    } finally {
      this.#running.delete(running);
    }
  }
}

module.exports = { FluoriteBridge };
