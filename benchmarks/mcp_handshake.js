// @ts-check

const { spawn } = require('node:child_process');
const path = require('node:path');
const { countTokens } = require('gpt-tokenizer/encoding/o200k_base');
const { FluoriteBridge } = require('..');
const support = require('./support.js');

const HELP = `How soon the MCP server answers from a cold start, and what its answers cost in tokens.

Each start is a new process; the files are in the system's cache. Tokens are counted with o200k_base.

Usage: npm run bench:mcp -- [options]

  --starts N      processes (default 10)
  --templates DIR folder of spike templates to learn (default: the samples)
  --help          this text

Examples:
  npm run bench:mcp
  npm run bench:mcp -- --starts 20
`;

const CLIENT = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
};
const QUERIES = [
  'login form with cookies',
  'upload a file to s3',
  'jwt middleware',
  'infinite scroll list',
  'retry a background job',
  'ログイン画面の認証',
  'ページネーション',
];

/** A server process, and requests to it. @param {string} memory */
function startServer(memory) {
  const main = path.join(support.ROOT, 'cli', 'main.js');
  const child = spawn(process.execPath, [main, 'serve', '--mcp', '--memory', memory, '--no-history'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  /** @type {Map<number, (result: any) => void>} */
  const waiting = new Map();
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const message of lines.map((line) => JSON.parse(line))) waiting.get(message.id)?.(message.result);
  });
  let number = 0;
  return {
    /** @param {string} method @param {object} params @returns {Promise<any>} */
    ask(method, params) {
      const id = ++number;
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    /** @param {string} name @param {object} values */
    call(name, values) {
      return this.ask('tools/call', { name, arguments: values });
    },
    end() {
      child.stdin.end();
      return new Promise((resolve) => child.on('close', resolve));
    },
  };
}

/**
 * Milliseconds from the start of the process to each answer.
 * @param {string} memory
 */
async function coldStart(memory) {
  const started = performance.now();
  const server = startServer(memory);
  await server.ask('initialize', CLIENT);
  const handshake = performance.now() - started;
  await server.ask('tools/list', {});
  const tools = performance.now() - started;
  /** @type {number | undefined} */
  let words;
  for (;;) {
    const { structuredContent } = await server.call('search_patterns', { query: QUERIES[0] });
    const now = performance.now() - started;
    words ??= now;
    if (structuredContent.note === undefined) {
      await server.end();
      return { handshake, tools, words, meaning: now };
    }
  }
}

/** @param {string} memory @returns {Promise<[string, number, number?][]>} */
async function tokenCosts(memory) {
  const server = startServer(memory);
  const { instructions } = await server.ask('initialize', CLIENT);
  const { tools } = await server.ask('tools/list', {});
  const shown = tools.map((/** @type {any} */ { name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
  }));
  const tokens = (/** @type {unknown} */ value) => countTokens(JSON.stringify(value));
  /** @type {[string, number, number?][]} */
  const rows = [
    ['instructions', countTokens(instructions)],
    [`${tools.length} tools, as a model sees them`, tokens(shown)],
    ['tools/list, whole', tokens(tools)],
  ];
  /** @type {[string, string, object[]][]} */
  const calls = [
    ['search_patterns, 5 hits', 'search_patterns', QUERIES.map((query) => ({ query }))],
    ['get_pattern, at most 2,000', 'get_pattern', []],
    [
      'recommend_integration',
      'recommend_integration',
      [{ frameworks: ['nextjs', 'laravel'] }, { frameworks: ['nextjs', 'hono'] }],
    ],
    ['list_frameworks', 'list_frameworks', [{}]],
    ['list_clusters', 'list_clusters', [{}]],
    ['show_stats', 'show_stats', [{}]],
  ];
  for (const [label, name, given] of calls) {
    const texts = [];
    for (const values of name === 'get_pattern' ? await found(server) : given) {
      const { content, isError } = await server.call(name, values);
      if (isError) throw new Error(content[0].text);
      texts.push(countTokens(content[0].text));
    }
    rows.push([label, support.quantile(texts, 0.5), Math.max(...texts)]);
  }
  await server.end();
  return rows;
}

/** The first hit of each query. @param {ReturnType<typeof startServer>} server */
async function found(server) {
  const ids = [];
  for (const query of QUERIES) {
    const { structuredContent } = await server.call('search_patterns', { query, limit: 1 });
    ids.push(...structuredContent.hits.map((/** @type {any} */ { id }) => ({ id })));
  }
  return ids;
}

async function main() {
  const samples = path.join(support.ROOT, 'examples', 'spikes');
  const { starts, templates } = support.readOptions(HELP, { starts: 10, templates: samples });
  await support.withTemporaryFolder(async (folder) => {
    const memory_path = path.join(folder, 'memory');
    support.progress('learning the templates');
    const bridge = new FluoriteBridge();
    await bridge.initialize({ memory_path, history: false });
    const { chunks_stored } = await bridge.learnFromSpikes({ path: templates });
    await bridge.shutdown();
    /** @type {Record<string, number>[]} */
    const taken = [];
    for (let start = 0; start < starts; start++) {
      support.progress(`start ${start + 1} of ${starts}`);
      taken.push(await coldStart(memory_path));
    }
    const stages = {
      handshake: 'initialize',
      tools: 'tools/list',
      words: 'first search_patterns, by words',
      meaning: 'first search_patterns, by words and meaning',
    };
    const times = Object.entries(stages).map(([stage, label]) => {
      const values = taken.map((one) => one[stage]);
      return { stage: label, p50: support.quantile(values, 0.5), max: Math.max(...values) };
    });
    support.printTable(
      `From the start of the process to the answer, milliseconds, ${starts} cold processes`,
      ['answer', 'p50', 'max'],
      times.map(({ stage, p50, max }) => [stage, p50, max]),
    );
    support.progress('counting tokens');
    const costs = await tokenCosts(memory_path);
    support.printTable(`Tokens, among ${chunks_stored} chunks`, ['text', 'p50', 'max'], costs);
    const tokens = costs.map(([text, p50, max]) => ({ text, p50, max: max ?? p50 }));
    support.saveResults('mcp', { starts, chunks: chunks_stored, unit: 'milliseconds', times, tokens });
  });
}

main();
