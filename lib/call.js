// @ts-check
'use strict';

const { setImmediate } = require('node:timers');
const { loadAddon } = require('./addon.js');
const { FluoriteError } = require('./errors.js');
const { checkValue } = require('./values.js');
const { decode, encode } = require('./wire.js');

/** @typedef {{signal?: AbortSignal, onProgress?: (progress: any) => void}} CallOptions */
/** @typedef {{answer: Promise<any>, cancel: () => void}} RunningCall */

let lastCall = 0;
let awake = false;

/**
 * Calls a method of the engine with this handle. `answer` settles when Python has let go of the arguments.
 * @param {number | null} engine
 * @param {string} method
 * @param {Record<string, unknown>} values
 * @param {CallOptions} [options]
 * @returns {RunningCall}
 */
function startCall(engine, method, values, options = {}) {
  const number = ++lastCall;
  const cancel = () => loadAddon().cancel(number);
  return { cancel, answer: settle(number, { engine, arguments: values }, method, options, cancel) };
}

/**
 * @param {number} number
 * @param {{engine: number | null, arguments: Record<string, unknown>}} request
 * @param {string} method
 * @param {CallOptions} options
 * @param {() => void} cancel
 * @returns {Promise<any>}
 */
async function settle(number, request, method, options, cancel) {
  checkOptions(method, options);
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  checkValue(request.arguments, method);
  const { envelope, buffers } = encode(request);
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const report = onProgress && ((/** @type {Buffer} */ progress) => onProgress(decode(progress)));
    const answering = loadAddon().submit(number, method, envelope, buffers, report);
    if (!awake) stayAwake();
    const answer = await answering;
    return decode(answer.envelope, answer.buffers);
  } catch (reason) {
    const error = fromPython(reason);
    if (error.code === 'CANCELLED' && signal?.aborted) throw signal.reason;
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/**
 * Keeps the event loop turning instead of asleep for the few microseconds in which another processor works
 * out an answer: to be woken would take longer than the answer itself.
 */
function stayAwake() {
  awake = loadAddon().answerIsNear();
  if (awake) setImmediate(stayAwake);
}

/**
 * @param {any} reason what the addon rejected with
 * @returns {FluoriteError}
 */
function fromPython(reason) {
  if (reason?.failed === true) {
    const { code, message, python_type, traceback } = decode(reason.envelope);
    return new FluoriteError(code, message, { pythonType: python_type, traceback });
  }
  if (reason instanceof FluoriteError) return reason;
  const { code = 'INTERNAL', message = String(reason), pythonType, traceback } = reason ?? {};
  return new FluoriteError(code, message, { pythonType, traceback, cause: reason });
}

/**
 * @param {string} method
 * @param {CallOptions} options
 */
function checkOptions(method, { signal, onProgress }) {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new FluoriteError(
      'INVALID_ARGUMENT',
      `${method}: signal is not an AbortSignal. Pass controller.signal.`,
    );
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new FluoriteError(
      'INVALID_ARGUMENT',
      `${method}: onProgress is ${typeof onProgress}. Pass a function.`,
    );
  }
}

module.exports = { fromPython, startCall };
