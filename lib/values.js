// @ts-check
'use strict';

const { types } = require('node:util');
const { FluoriteError } = require('./errors.js');

const DEEPEST = 64;

/** Element types of typed memory on the wire, as in python/fluorite/wire.py. */
const ELEMENT_OF = new Map(
  /** @type {[Function, string][]} */ ([
    [Uint8Array, 'B'],
    [Buffer, 'B'],
    [Uint32Array, 'I'],
    [Float32Array, 'f'],
    [Float64Array, 'd'],
  ]),
);

/**
 * Refuses what has no form on the wire, naming the place: functions, symbols, big integers, class
 * instances, cycles, half surrogate pairs, shared, resizable and unsupported typed memory.
 * @param {unknown} value
 * @param {string} place
 * @param {number} [depth]
 */
function checkValue(value, place, depth = 0) {
  if (depth > DEEPEST) refuse(place, `nested more than ${DEEPEST} levels (or in a cycle)`, 'Flatten it.');
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value)) refuse(place, 'text with half a surrogate pair', 'Give well-formed text.');
      return;
    case 'number':
    case 'boolean':
    case 'undefined':
      return;
    case 'object':
      break;
    default:
      refuse(place, `a ${typeof value}`, 'Use strings, numbers, booleans, arrays, plain objects or buffers.');
  }
  if (value === null) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++)
      checkValue(value[index], `${place}[${index}]`, depth + 1);
  } else if (ArrayBuffer.isView(value)) {
    checkMemory(value, place);
  } else {
    const prototype = Object.getPrototypeOf(/** @type {object} */ (value));
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      refuse(
        place,
        `a ${/** @type {object} */ (value).constructor?.name ?? 'class instance'}`,
        'Use a plain object.',
      );
    }
    for (const [name, item] of Object.entries(/** @type {object} */ (value))) {
      if (!isWellFormed(name)) refuse(place, 'a key with half a surrogate pair', 'Give well-formed text.');
      checkValue(item, `${place}.${name}`, depth + 1);
    }
  }
}

/**
 * @param {ArrayBufferView} view
 * @param {string} place
 */
function checkMemory(view, place) {
  if (!ELEMENT_OF.has(view.constructor)) {
    refuse(
      place,
      `a ${view.constructor.name}`,
      'Use a Uint8Array, Float32Array, Float64Array or Uint32Array.',
    );
  }
  if (types.isSharedArrayBuffer(view.buffer)) {
    refuse(place, 'memory shared between threads', 'Copy it first: new Uint8Array(view).');
  }
  const { resizable, detached } = /** @type {{resizable?: boolean, detached?: boolean}} */ (view.buffer);
  if (resizable) refuse(place, 'a resizable buffer', 'Copy it first: view.slice().');
  if (detached) refuse(place, 'a buffer that was transferred away', 'Pass it before it is transferred.');
}

/** @param {string} text */
function isWellFormed(text) {
  return /** @type {{isWellFormed(): boolean}} */ (/** @type {unknown} */ (text)).isWellFormed();
}

/**
 * @param {string} place
 * @param {string} found
 * @param {string} remedy
 * @returns {never}
 */
function refuse(place, found, remedy) {
  throw new FluoriteError('INVALID_ARGUMENT', `${place} is ${found}. ${remedy}`);
}

module.exports = { ELEMENT_OF, checkValue };
