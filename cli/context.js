// @ts-check
'use strict';

const { EXIT } = require('./failure.js');
const { say } = require('./language.js');
const { harmless } = require('./terminal/format.js');
const { ProgressDisplay } = require('./terminal/progress.js');
const { styleFor } = require('./terminal/style.js');

/** How a command speaks, and how it is stopped. Results go to standard output, everything else to standard error. */
class Context {
  #controller = new AbortController();

  /** @param {{json?: boolean, quiet?: boolean, memory?: string, config?: string, history?: boolean}} options */
  constructor(options) {
    this.options = options;
    this.asJson = options.json === true;
    this.quiet = options.quiet === true;
    this.style = styleFor(process.stdout);
    this.display = new ProgressDisplay({ quiet: this.quiet });
  }

  get signal() {
    return this.#controller.signal;
  }

  /** What a long call takes. */
  get longCall() {
    return { signal: this.signal, onProgress: this.display.onProgress };
  }

  /**
   * Lets the first interruption end the running call in order, and the second end the process.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async interruptible(work) {
    const stop = () => {
      if (this.signal.aborted) process.exit(EXIT.interrupted);
      this.display.clear();
      process.stderr.write(`${say('interrupt.stopping')}\n`);
      this.#controller.abort(new Interrupted());
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    try {
      return await work();
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      this.display.clear();
    }
  }

  /** @param {string} text a line of the result */
  print(text = '') {
    process.stdout.write(`${process.stdout.isTTY ? harmless(text) : text}\n`);
  }

  /** @param {string} text a line beside the result */
  note(text) {
    this.display.clear();
    if (!this.quiet) process.stderr.write(`${process.stderr.isTTY ? harmless(text) : text}\n`);
  }

  /**
   * Prints a result: as JSON where that was asked for, else as `show` prints it.
   * @param {unknown} value
   * @param {() => void} show
   */
  result(value, show) {
    if (this.asJson) this.print(JSON.stringify(value, plain, 2));
    else show();
  }
}

/** The user stopped the command. */
class Interrupted extends Error {}

/**
 * Bytes have no form of their own in JSON.
 * @param {string} _name
 * @param {unknown} value
 */
function plain(_name, value) {
  return value instanceof Uint8Array && !Buffer.isBuffer(value)
    ? { base64: Buffer.from(value).toString('base64') }
    : value;
}

module.exports = { Context, Interrupted };
