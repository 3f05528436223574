// @ts-check

/** Opens a memory from a working folder with a fluorite.toml and prints the configuration. */

const { FluoriteBridge } = require('fluorite-memory-engine');

async function main() {
  process.chdir(process.argv[2]);
  const bridge = new FluoriteBridge();
  await bridge.initialize({});
  await bridge.shutdown();
  const values = await FluoriteBridge.getConfiguration();
  console.log(
    JSON.stringify(Object.fromEntries(values.map(({ key, value, source }) => [key, [value, source]]))),
  );
}

main();
