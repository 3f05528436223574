// Prints how many milliseconds of processor time three seconds take after some calls.
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { FluoriteBridge } = require('fluorite-memory-engine');

async function main() {
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(process.argv[2], 'memory'), enable_ml: false });
  for (let call = 0; call < 1000; call++) await bridge.ping();
  await sleep(1000);
  const before = process.cpuUsage();
  await sleep(3000);
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / 1000);
  await bridge.shutdown();
}

main();
