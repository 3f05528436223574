// @ts-check
'use strict';

const { truncate } = require('./format.js');

const PLAIN_INTERVAL_MS = 10_000;

/**
 * A line on standard error that tells how far work is: rewritten in place on a terminal; elsewhere a plain
 * line at the beginning, at the end, and every ten seconds between.
 */
class LiveLine {
  /** @param {{quiet?: boolean}} [options] quiet: shows nothing */
  constructor({ quiet = false } = {}) {
    this.stream = process.stderr;
    this.quiet = quiet;
    this.rewrites = this.stream.isTTY === true && process.env.TERM !== 'dumb';
    this.open = false;
    this.printedAt = 0;
  }

  /** @param {string} text */
  update(text) {
    if (this.quiet) return;
    if (this.rewrites) {
      this.stream.write(`\r\u001b[K${truncate(text, (this.stream.columns || 80) - 1)}`);
      this.open = true;
    } else if (performance.now() - this.printedAt >= PLAIN_INTERVAL_MS || this.printedAt === 0) {
      this.printedAt = performance.now();
      this.stream.write(`${text}\n`);
    }
  }

  /**
   * Ends the line with what became of the work.
   * @param {string} text
   */
  end(text) {
    this.clear();
    if (!this.quiet) this.stream.write(`${text}\n`);
    this.printedAt = 0;
  }

  /**
   * Prints a line above.
   * @param {string} text
   */
  print(text) {
    this.clear();
    if (!this.quiet) this.stream.write(`${text}\n`);
  }

  clear() {
    if (this.open) this.stream.write('\r\u001b[K');
    this.open = false;
  }
}

module.exports = { LiveLine };
