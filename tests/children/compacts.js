// @ts-check
'use strict';

// Compacts a memory and writes the error that comes of it.
const { FluoriteBridge } = require('fluorite-memory-engine');

async function main() {
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: process.argv[2], enable_ml: false });
  await bridge.compact().catch(({ code, message }) => console.log(JSON.stringify({ code, message })));
  await bridge.shutdown();
}

main();
