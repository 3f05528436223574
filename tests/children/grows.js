// Prints by how many bytes the process grew over many calls and over many buffers, after warming up.
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { FluoriteBridge } = require('fluorite-memory-engine');

async function settledMemory() {
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    await sleep(20);
  }
  return process.memoryUsage().rss;
}

async function growth(work) {
  await work(0.2);
  const before = await settledMemory();
  await work(1);
  return (await settledMemory()) - before;
}

async function main() {
  const bridge = new FluoriteBridge();
  await bridge.initialize({
    memory_path: path.join(process.argv[2], 'memory'),
    enable_ml: false,
    cache_size_mb: 1,
  });
  await bridge.storeChunk({ id: 'a', content: 'x'.repeat(1000) });
  const calls = await growth(async (share) => {
    for (let round = 0; round < 10_000 * share; round++) await bridge.getChunk('a');
  });
  const buffers = await growth(async (share) => {
    for (let round = 0; round < 1000 * share; round++) {
      await bridge.ping({ send: new Uint8Array(1_000_000), receive_bytes: 1_000_000 });
    }
  });
  console.log(JSON.stringify({ calls, buffers }));
  await bridge.shutdown();
}

main();
