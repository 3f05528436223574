// @ts-check
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FluoriteBridge, FluoriteError } from 'fluorite-memory-engine';

const folder = path.dirname(fileURLToPath(import.meta.url));
const [task = 'login form with cookies'] = process.argv.slice(2);

const bridge = new FluoriteBridge();
await bridge.initialize({
  memory_path: process.env.FLUORITE_MEMORY_PATH ?? path.join(folder, 'memory'),
});
try {
  const found = (await bridge.searchSimilar(task, 3)).map(({ id }) => ({ id }));
  console.log(JSON.stringify({ found }, null, 2));
} catch (error) {
  if (!(error instanceof FluoriteError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await bridge.shutdown();
}
