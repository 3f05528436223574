// The integration example of the user's description, in the folder argv[2].
const fs = require('node:fs');
const { FluoriteBridge } = require('fluorite-memory-engine');

process.chdir(process.argv[2]);
fs.mkdirSync('./src/spikes', { recursive: true });
const codeSnippet =
  'export async function GET() { return Response.json(await (await fetch(BACKEND_URL)).json()); }';

(async () => {
  const bridge = new FluoriteBridge();
  await bridge.initialize({
    memory_path: './memory',
    models_path: './models',
    spike_templates_path: './src/spikes',
    enable_ml: true,
  });

  await bridge.storeChunk({
    id: 'nextjs-bff-pattern',
    content: codeSnippet,
    frameworks: ['nextjs', 'hono'],
    quality_score: 0.9,
  });

  const similar = await bridge.searchSimilar('BFF implementation', 10);
  console.log(similar.map((hit) => hit.id).join(' '));
})();
