// @ts-check

/** Searches for each of its arguments after the folder and prints what metrics say of the history. */

const path = require('node:path');
const { FluoriteBridge } = require('fluorite-memory-engine');

async function main() {
  const [folder, ...queries] = process.argv.slice(2);
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(folder, 'memory'), enable_ml: false });
  for (const query of queries) await bridge.searchSimilar(query);
  const refused = await bridge.getHistory().then(
    () => null,
    (error) => error.code,
  );
  const { history } = await bridge.getMetrics();
  await bridge.shutdown();
  console.log(JSON.stringify({ ...history, refused }));
}

main();
