// Uses the memory with or without machine learning and prints which Python modules that took.
const path = require('node:path');
const { FluoriteBridge } = require('fluorite-memory-engine');

const [folder, machine_learning] = process.argv.slice(2);
const spikes = path.join(__dirname, '..', '..', 'examples', 'spikes');

async function main() {
  const bridge = new FluoriteBridge();
  const enable_ml = machine_learning === 'true';
  await bridge.initialize({
    memory_path: path.join(folder, 'memory'),
    spike_templates_path: spikes,
    enable_ml,
  });
  await bridge.learnFromSpikes();
  await bridge.searchSimilar(enable_ml ? 'anything' : new Float32Array(384).fill(1));
  const { python_version, python_modules } = await bridge.getMetrics();
  console.log(
    JSON.stringify({ version: python_version.split('.').slice(0, 2).join('.'), modules: python_modules }),
  );
  await bridge.shutdown();
}

main();
