// @ts-check

const path = require('node:path');
const { PatternTools } = require('./pattern_tools.js');

const [task = 'login form with cookies', templates = path.join(__dirname, '..', 'spikes')] =
  process.argv.slice(2);

async function main() {
  const tools = new PatternTools();
  const memory_path = process.env.FLUORITE_MEMORY_PATH ?? path.join(__dirname, 'memory');
  const { new: learned } = await tools.open({ memory_path, spike_templates_path: templates });
  const { structuredContent } = await tools.findPatterns({ task });
  console.log(JSON.stringify({ learned, ...structuredContent }, null, 2));
  await tools.close();
}

main();
