// @ts-check
'use strict';

/**
 * Every error of this package that a program should tell apart by `code`.
 * See types/index.d.ts for the codes.
 */
class FluoriteError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{pythonType?: string, traceback?: string, cause?: unknown}} [details]
   */
  constructor(code, message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'FluoriteError';
    this.code = code;
    this.pythonType = details.pythonType;
    this.traceback = details.traceback;
  }
}

module.exports = { FluoriteError };
