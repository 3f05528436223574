// Uses every part that might print, and writes two lines itself.
const path = require('node:path');
const { FluoriteBridge } = require('fluorite-memory-engine');

const folder = process.argv[2];

async function main() {
  process.stdout.write('first line of the host\n');
  const bridge = new FluoriteBridge();
  await bridge.initialize({
    memory_path: path.join(folder, 'memory'),
    spike_templates_path: path.join(__dirname, '..', '..', 'examples', 'spikes'),
  });
  await bridge.learnFromSpikes({ onProgress: () => {} });
  await bridge.searchSimilar('anything');
  await bridge.generateEmbeddings(['a', 'b']);
  await bridge.storeChunk({ id: '' }).catch(() => {});
  await bridge.getMetrics();
  await bridge.shutdown();
  process.stdout.write('last line of the host\n');
}

main();
