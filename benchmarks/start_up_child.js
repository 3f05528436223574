// @ts-check

/** Does one cold start as benchmarks/start_up.js asks, and sends it the milliseconds of each step. */

const started = performance.now();
const { stage, options, vector, text, id } = JSON.parse(process.argv[2]);

/** @type {Record<string, number>} */
const steps = { 'node itself': started };
let last = started;

/** @param {string} step */
function lap(step) {
  const now = performance.now();
  steps[step] = now - last;
  last = now;
}

async function main() {
  const { FluoriteBridge } = require('..');
  lap('require');
  if (stage !== 'require') {
    const bridge = new FluoriteBridge();
    await bridge.initialize(options);
    lap('initialize');
    /** @type {Record<string, () => Promise<unknown>>} */
    const calls = {
      getChunk: () => bridge.getChunk(id),
      searchVector: () => bridge.searchSimilar(Float32Array.from(vector)),
      searchText: () => bridge.searchSimilar(text),
    };
    const call = calls[stage];
    if (call !== undefined) {
      const found = await call();
      lap('first call');
      if (found === null || (Array.isArray(found) && found.length === 0))
        throw new Error(`${stage} found nothing`);
      await (stage === 'searchText' ? bridge.searchSimilar(`${text}?`) : call());
      lap('second call');
    }
    await bridge.shutdown();
    lap('shutdown');
  }
  process.send?.(steps);
}

main();
