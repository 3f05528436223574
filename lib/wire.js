// @ts-check
'use strict';

const { markAsUntransferable } = require('node:worker_threads');
const { decode: unpack, Encoder, ExtData } = require('@msgpack/msgpack');
const { ELEMENT_OF } = require('./values.js');

/** See python/fluorite/wire.py, whose other half this is. */
const REFERENCE = 1;
const INLINE = 2;
const INLINE_BYTES = 4096;
const BORROWED_BYTES = 65_536;
/** An encoder keeps its memory from call to call, but no more than about this. */
const KEPT_BYTES = 65_536;

/** @typedef {{buffers: Uint8Array[]}} Beside */

/** @type {Record<string, Uint8ArrayConstructor | Uint32ArrayConstructor | Float32ArrayConstructor | Float64ArrayConstructor>} */
const ARRAY_OF = { B: Uint8Array, I: Uint32Array, f: Float32Array, d: Float64Array };

/** @type {import('@msgpack/msgpack').ExtensionCodecType<Beside>} */
const extensionCodec = {
  tryToEncode(value, context) {
    if (!ArrayBuffer.isView(value)) return null;
    const element = /** @type {string} */ (ELEMENT_OF.get(value.constructor)).charCodeAt(0);
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (bytes.length <= INLINE_BYTES) {
      const data = new Uint8Array(1 + bytes.length);
      data[0] = element;
      data.set(bytes, 1);
      return new ExtData(INLINE, data);
    }
    const data = new Uint8Array(5);
    data[0] = element;
    new DataView(data.buffer).setUint32(1, context.buffers.length, true);
    if (bytes.length >= BORROWED_BYTES) guard(/** @type {ArrayBuffer} */ (value.buffer));
    context.buffers.push(bytes);
    return new ExtData(REFERENCE, data);
  },

  decode(data, type, context) {
    const Typed = ARRAY_OF[String.fromCharCode(data[0])];
    if (type === INLINE) return new Typed(Uint8Array.from(data.subarray(1)).buffer);
    const index = new DataView(data.buffer, data.byteOffset).getUint32(1, true);
    const bytes = context.buffers[index];
    const aligned = bytes.byteOffset % Typed.BYTES_PER_ELEMENT === 0;
    const { buffer, byteOffset } = /** @type {Uint8Array<ArrayBuffer>} */ (
      aligned ? bytes : Uint8Array.from(bytes)
    );
    return new Typed(buffer, byteOffset, bytes.byteLength / Typed.BYTES_PER_ELEMENT);
  },
};

/**
 * Python reads this memory during the call: it must not be transferred to another thread, which
 * would free it there.
 * @param {ArrayBuffer} buffer
 */
function guard(buffer) {
  markAsUntransferable(buffer);
  for (const name of ['transfer', 'transferToFixedLength']) {
    if (name in buffer && !Object.hasOwn(buffer, name)) {
      Object.defineProperty(buffer, name, {
        value() {
          throw new TypeError(
            `This buffer was passed to FluoriteBridge and cannot be transferred. Copy it: slice().`,
          );
        },
      });
    }
  }
}

/** @type {Beside} */
const beside = { buffers: [] };
const newEncoder = () => new Encoder({ extensionCodec, context: beside, ignoreUndefined: true });
let encoder = newEncoder();

/**
 * @param {unknown} value one that `checkValue` has let pass
 * @returns {{envelope: Uint8Array, buffers: Uint8Array[]}}
 */
function encode(value) {
  /** @type {Uint8Array[]} */
  const buffers = [];
  beside.buffers = buffers;
  const envelope = encoder.encode(value);
  beside.buffers = [];
  if (envelope.length > KEPT_BYTES) encoder = newEncoder();
  return { envelope, buffers };
}

/**
 * @param {Uint8Array} envelope
 * @param {Uint8Array[]} [buffers]
 * @returns {any}
 */
function decode(envelope, buffers = []) {
  // A Buffer's slices would share its memory, and binary values would come out as Buffers.
  const bytes = new Uint8Array(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  return unpack(bytes, { extensionCodec, context: { buffers } });
}

module.exports = { decode, encode };
