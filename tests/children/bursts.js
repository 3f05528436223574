// Bursts of calls from the main thread and three workers at once; each prints a line when all are answered.
const path = require('node:path');
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const { FluoriteBridge } = require('fluorite-memory-engine');

const folder = isMainThread ? process.argv[2] : workerData;

async function main() {
  if (isMainThread) for (let each = 0; each < 3; each++) new Worker(__filename, { workerData: folder });
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(folder, 'memory'), enable_ml: false });
  await bridge.storeChunk({ id: 'a', content: 'x' });
  for (let size = 1; size <= 60; size++) {
    const calls = Array.from({ length: size }, (_, call) =>
      call % 2 ? bridge.ping() : bridge.getChunk('a'),
    );
    await Promise.all(calls);
    await bridge.ping();
  }
  await bridge.shutdown();
  console.log('answered');
}

main();
