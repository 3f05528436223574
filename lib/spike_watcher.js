// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { FluoriteError } = require('./errors.js');

/** Edits that come this close together are learned at once, in milliseconds. */
const QUIET = 150;
/** No edit waits longer than this for others to end. */
const LONGEST_WAIT = 800;
/** How often to look whether a folder that vanished is back. */
const RETURN = 500;

/** @typedef {{onReport?: (report: any) => void, onError?: (error: any) => void}} WatchOptions */

/**
 * Learns a folder of templates again whenever something in it changes. Documented in types/learning.d.ts.
 *
 * One handle watches each folder, by Node's own `fs.watch`: watching libraries take one for each file, which
 * for 20,000 templates costs a second of start-up. What has changed is found by the incremental run.
 */
class SpikeWatcher {
  #learn;
  #onReport;
  #onError;
  #onClose;
  /** @type {Map<string, fs.FSWatcher>} */
  #handles = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #firstChange = 0;
  #foldersChanged = false;
  #changed = false;
  /** @type {Promise<void> | undefined} */
  #running;
  #closing = new AbortController();

  /**
   * @param {string} folder
   * @param {(signal: AbortSignal) => Promise<any>} learn
   * @param {WatchOptions} options
   * @param {() => void} onClose
   */
  constructor(folder, learn, { onReport, onError, ...unknown }, onClose) {
    for (const [name, value] of Object.entries({ onReport, onError })) {
      if (value !== undefined && typeof value !== 'function') {
        throw new FluoriteError(
          'INVALID_ARGUMENT',
          `watchSpikes: ${name} is ${typeof value}. Pass a function.`,
        );
      }
    }
    for (const name of Object.keys(unknown)) {
      throw new FluoriteError(
        'UNKNOWN_OPTION',
        `Unknown option of watchSpikes '${name}'. Valid names: onError, onReport, path.`,
      );
    }
    this.path = folder;
    this.#learn = learn;
    this.#onReport = onReport;
    this.#onError = onError ?? ((/** @type {Error} */ error) => process.emitWarning(error));
    this.#onClose = onClose;
  }

  /** Watches, and learns what has changed since the last run. */
  async start() {
    try {
      await this.#watchFolders();
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#run();
  }

  async close() {
    if (this.#closing.signal.aborted) return await this.#running;
    this.#closing.abort();
    clearTimeout(this.#timer);
    for (const folder of [...this.#handles.keys()]) this.#forget(folder);
    this.#onClose();
    await this.#running;
  }

  /** @param {boolean} foldersChanged whether folders may have come or gone */
  #note(foldersChanged) {
    if (this.#closing.signal.aborted) return;
    this.#foldersChanged ||= foldersChanged;
    const now = performance.now();
    if (!this.#changed) this.#firstChange = now;
    this.#changed = true;
    if (this.#running !== undefined) return;
    const wait = Math.min(QUIET, this.#firstChange + LONGEST_WAIT - now);
    this.#later(Math.max(0, wait), () => this.#run());
  }

  #run() {
    this.#running = this.#follow().finally(() => {
      this.#running = undefined;
      if (this.#changed) this.#note(false);
    });
  }

  /** @param {number} wait in milliseconds @param {() => void} work */
  #later(wait, work) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(work, wait).unref();
  }

  async #follow() {
    this.#changed = false;
    const { signal } = this.#closing;
    try {
      if (this.#foldersChanged) {
        this.#foldersChanged = false;
        await this.#watchFolders();
      }
      const report = await this.#learn(signal);
      if (!signal.aborted) this.#tell(this.#onReport, report);
    } catch (error) {
      if (signal.aborted) return;
      this.#tell(this.#onError, error);
      if (!fs.existsSync(this.path)) this.#awaitReturn();
    }
  }

  #awaitReturn() {
    this.#changed = false;
    for (const folder of [...this.#handles.keys()]) this.#forget(folder);
    this.#later(RETURN, () => (fs.existsSync(this.path) ? this.#note(true) : this.#awaitReturn()));
  }

  /** @param {((value: any) => void) | undefined} callback @param {any} value */
  #tell(callback, value) {
    // What the callback throws is its owner's, as in any event.
    if (callback !== undefined) queueMicrotask(() => callback(value));
  }

  /** Watches every folder that is there, and no other. */
  async #watchFolders() {
    const there = new Set();
    const waiting = [this.path];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      if (this.#closing.signal.aborted) return;
      try {
        // Watched before it is read, so that a folder made in between is not missed.
        this.#watch(folder);
        for (const entry of await fs.promises.readdir(folder, { withFileTypes: true })) {
          if (entry.isDirectory() && !entry.name.startsWith('.')) waiting.push(path.join(folder, entry.name));
        }
        there.add(folder);
      } catch (cause) {
        const { code, message } = /** @type {NodeJS.ErrnoException} */ (cause);
        if (code === 'ENOENT' || code === 'ENOTDIR') continue;
        throw new FluoriteError(
          'STORE_ERROR',
          `${folder} cannot be watched (${message}). ` +
            'Check that it can be read; on Linux, raise fs.inotify.max_user_watches where there are too many.',
          { cause },
        );
      }
    }
    for (const folder of this.#handles.keys()) if (!there.has(folder)) this.#forget(folder);
  }

  /** @param {string} folder */
  #watch(folder) {
    if (this.#handles.has(folder)) return;
    const handle = fs.watch(folder, { persistent: false }, (event, name) => {
      // A folder that is removed or moved away tells so under its own name, and then tells no more.
      if (event === 'rename' && name === path.basename(folder)) this.#forget(folder);
      const isFolder = name === null || (event === 'rename' && !name.endsWith('.json'));
      if (isFolder || name.endsWith('.json')) this.#note(isFolder);
    });
    handle.on('error', () => {
      this.#forget(folder);
      this.#note(true);
    });
    this.#handles.set(folder, handle);
  }

  /** @param {string} folder */
  #forget(folder) {
    this.#handles.get(folder)?.close();
    this.#handles.delete(folder);
  }
}

module.exports = { SpikeWatcher };
