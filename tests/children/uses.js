// Prints what is found first for argv[4], uses the chunk argv[3] ten times for it, and prints what is for argv[5].
const { FluoriteBridge } = require('fluorite-memory-engine');

const [memory_path, id, query, paraphrase] = process.argv.slice(2);

async function main() {
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path, enable_ml: false });
  const first = async (text) => console.log((await bridge.searchSimilar(text, 1, { fold: false }))[0].id);
  await first(query);
  for (let n = 0; n < 10; n++) await bridge.recordUse(id, query, 'accepted');
  await first(paraphrase);
  await bridge.shutdown();
}

main();
