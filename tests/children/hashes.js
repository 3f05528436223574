// Lets both OpenSSLs work in one process: Python's by opening a memory, Node's by hashing.
const { createHash } = require('node:crypto');
const path = require('node:path');
const { FluoriteBridge } = require('fluorite-memory-engine');

async function main() {
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(process.argv[2], 'memory'), enable_ml: false });
  await bridge.storeChunk({ id: 'a', content: 'x' });
  console.log(createHash('sha256').update('abc').digest('hex'));
  await bridge.shutdown();
}

main();
