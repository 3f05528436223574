// @ts-check
'use strict';

// Watches a folder, in this process or in a worker of it, writes what it learned, and just ends.
const path = require('node:path');
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const { FluoriteBridge } = require('fluorite-memory-engine');

const [folder, place] = isMainThread ? process.argv.slice(2) : workerData;

async function main() {
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(folder, `memory-${place}`), enable_ml: false });
  await new Promise((resolve) => {
    bridge.watchSpikes({
      path: path.join(folder, 'spikes'),
      onReport: (report) => {
        process.stdout.write(`learned ${report.new}\n`);
        resolve(undefined);
      },
    });
  });
}

if (isMainThread && place === 'worker') new Worker(__filename, { workerData: [folder, place] });
else main();
