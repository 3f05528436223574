// @ts-check
'use strict';

/** What a command ends with; documented in docs/command-line.md. */
const EXIT = /** @type {const} */ ({
  done: 0,
  failed: 1,
  wrong_usage: 2,
  not_found: 3,
  problems: 4,
  interrupted: 130,
});

/** A failure whose message already tells the user what to do; printed without a stack. */
class Failure extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** @param {string} message */
const wrongUsage = (message) => new Failure(message, EXIT.wrong_usage);

module.exports = { EXIT, Failure, wrongUsage };
