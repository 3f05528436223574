// @ts-check

/** Stores chunks at an even pace until its parent, benchmarks/search_serve.js, says stop. */

const path = require('node:path');
const { FluoriteBridge } = require('..');
const { Corpus } = require('./search_corpus.js');
const { quantile } = require('./support.js');

const PER_CALL = 20;

async function main() {
  const { base, folder, rows, writes } = JSON.parse(process.argv[2]);
  const corpus = new Corpus(base, folder);
  const further = corpus.labels.length - rows;
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(folder, 'memory') });
  let stopped = false;
  process.once('message', () => {
    stopped = true;
  });
  process.once('disconnect', () => process.exit(stopped ? 0 : 1));
  const started = performance.now();
  const taken = [];
  let stored = 0;
  while (!stopped) {
    const due = started + (stored / writes) * 1000 - performance.now();
    if (due > 0) await new Promise((resolve) => setTimeout(resolve, due));
    // The rows after those that are searched, over and over: new chunks first, then changed ones.
    const first = rows + (stored % further);
    const columns = corpus.columns(first, Math.min(first + PER_CALL, rows + further));
    const before = performance.now();
    await bridge.storeChunks(columns);
    taken.push(performance.now() - before);
    stored += columns.ids.length;
    process.send?.({ row: first + columns.ids.length - 1 });
  }
  const seconds = (performance.now() - started) / 1000;
  await bridge.shutdown();
  const call = { chunks: PER_CALL, p50: quantile(taken, 0.5), p99: quantile(taken, 0.99) };
  process.send?.({ stored, further, per_second: stored / seconds, call }, () => process.disconnect());
}

main();
