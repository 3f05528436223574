// @ts-check
'use strict';

/** @typedef {import('../types/index.js').InitializeOptions} InitializeOptions */
/** @typedef {import('@modelcontextprotocol/server').Transport} Transport */

/**
 * Serves one memory over the Model Context Protocol until the client is gone.
 *
 * The handshake is answered at once; Python and the model are started after it.
 * @param {{options?: import('./memory.js').MemoryOptions, transport?: Transport}} [given] `options` of
 *   FluoriteBridge.initialize; `transport` stands in for stdin and stdout
 * @returns {{closed: Promise<void>, close: () => Promise<void>}} `closed` resolves when the connection has
 *   ended and the memory is shut down
 */
function serve({ options = {}, transport } = {}) {
  const { serveStdio, StdioServerTransport } = require('@modelcontextprotocol/server/stdio');
  const { createServer } = require('./definition.js');
  const { Memory } = require('./memory.js');
  const memory = new Memory(options);
  const wire = transport ?? new StdioServerTransport();
  afterFirstMessage(wire, () => memory.warm());
  const connection = serveStdio(() => createServer(memory), {
    transport: wire,
    onerror: (error) => process.stderr.write(`fluorite-memory: ${error.message}\n`),
  });
  const closed = ended(wire).then(() => memory.close());
  const close = async () => {
    await connection.close();
    await closed;
  };
  if (transport === undefined) {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, close);
  }
  return { closed, close };
}

/**
 * @param {Transport} wire
 * @param {() => void} work
 */
function afterFirstMessage(wire, work) {
  const send = wire.send;
  wire.send = async (...values) => {
    wire.send = send;
    await send.apply(wire, values);
    work();
  };
}

/**
 * Resolves when the wire closes, after what the SDK does then.
 * @param {Transport} wire
 * @returns {Promise<void>}
 */
function ended(wire) {
  return new Promise((resolve) => {
    const before = wire.onclose;
    wire.onclose = () => {
      before?.();
      resolve();
    };
  });
}

module.exports = { serve };
