// Stores a chunk under argv[3] and prints the content of argv[4].
const { FluoriteBridge } = require('fluorite-memory-engine');

const [memory_path, id, wanted] = process.argv.slice(2);

async function main() {
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path, enable_ml: false });
  await bridge.storeChunk({ id, content: 'stored by store_one.js' });
  console.log((await bridge.getChunk(wanted))?.content);
  await bridge.shutdown();
}

main();
