// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { countTokens } = require('gpt-tokenizer/encoding/o200k_base');
const { connect, startServer, temporaryFolder } = require('./mcp_support.js');
const { openBridge, run } = require('./support.js');

const page = fs.readFileSync(path.join(__dirname, '..', 'docs', 'mcp.md'), 'utf8');
const spikes = path.join(__dirname, '..', 'examples', 'spikes');
const INITIALIZE = {
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};
const USUAL_NODE_START_MS = 50;
const WORDS = ['apple', 'banana'];
const TOOLS = [
  'search_patterns',
  'get_pattern',
  'store_pattern',
  'recommend_integration',
  'list_frameworks',
  'list_clusters',
  'learn',
  'give_feedback',
  'show_stats',
];

/**
 * @param {import('@modelcontextprotocol/client').Client} client
 * @param {string} name
 * @param {Record<string, unknown>} [values]
 * @param {any} [options]
 * @returns {Promise<{text: string, answer: any, isError: boolean}>}
 */
async function call(client, name, values = {}, options = {}) {
  const patient = { timeout: 240_000, ...options };
  const result = /** @type {any} */ (await client.callTool({ name, arguments: values }, patient));
  return {
    text: result.content[0].text,
    answer: result.structuredContent,
    isError: result.isError === true,
  };
}

/**
 * A client of a memory that has learned the sample templates.
 * @param {any} t
 * @param {Record<string, unknown>} [options]
 * @param {import('@modelcontextprotocol/client').ClientOptions} [clientOptions]
 */
async function learnedClient(t, options = {}, clientOptions = {}) {
  const client = await connect(t, options, clientOptions);
  const { answer } = await call(client, 'learn', { kind: 'spikes', path: spikes });
  assert.ok(answer.chunks_stored > 200);
  return client;
}

test('clients of both protocol generations see the same tools, described and annotated', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const older = await connect(t, { memory_path });
  const newer = await connect(t, { memory_path }, { versionNegotiation: { mode: 'auto' } });
  assert.deepEqual(
    [older.getNegotiatedProtocolVersion(), newer.getNegotiatedProtocolVersion()],
    ['2025-11-25', '2026-07-28'],
  );
  const { tools } = await older.listTools();
  assert.deepEqual((await newer.listTools()).tools, tools);
  assert.deepEqual(tools.map((tool) => tool.name).sort(), [...TOOLS].sort());
  for (const tool of tools) {
    assert.equal(tool.inputSchema.type, 'object', tool.name);
    assert.equal(tool.inputSchema.additionalProperties, false, tool.name);
    assert.equal(tool.outputSchema?.type, 'object', tool.name);
    assert.ok(tool.title && tool.description, tool.name);
    assert.ok(page.includes(`\`${tool.name}\``), tool.name);
    assert.equal(tool.annotations?.openWorldHint, false, tool.name);
  }
  const reading = tools.filter((tool) => tool.annotations?.readOnlyHint).map((tool) => tool.name);
  const changing = ['store_pattern', 'learn', 'give_feedback'];
  assert.deepEqual(reading.sort(), TOOLS.filter((name) => !changing.includes(name)).sort());
  assert.match(older.getInstructions() ?? '', /search_patterns/);
  assert.equal((await call(newer, 'show_stats')).answer.chunks, 0);
});

test('what is searched comes as ids with summaries, and its content on demand', async (t) => {
  const client = await learnedClient(t);
  const { answer, text } = await call(client, 'search_patterns', {
    query: 'login form with cookies for nextjs and laravel',
    limit: 3,
  });
  assert.equal(answer.hits.length, 3);
  const [first] = answer.hits;
  assert.match(first.id, /^nextjs-laravel-sanctum-spa/);
  assert.match(first.summary, /Laravel Sanctum/);
  assert.ok(first.frameworks.includes('nextjs') && first.score > 0 && first.score <= 1);
  for (const hit of answer.hits) assert.ok(text.includes(hit.id) && !('content' in hit));
  const filtered = await call(client, 'search_patterns', { query: 'auth', frameworks: ['hono'] });
  assert.ok(filtered.answer.hits.length > 0);
  for (const hit of filtered.answer.hits) assert.match(hit.id, /hono/);
  const like = await call(client, 'search_patterns', { like: first.id, limit: 2 });
  assert.equal(like.answer.hits.length, 2);
  assert.ok(!like.answer.hits.some((/** @type {any} */ hit) => hit.id === first.id));
  const nothing = await call(client, 'search_patterns', { query: 'zzzqqq' });
  assert.deepEqual(nothing.answer.hits, []);
  assert.match(nothing.text, /Nothing was found/);
});

test('a pattern is read in parts that join to the whole', async (t) => {
  const client = await connect(t);
  const content = Array.from({ length: 400 }, (_, line) => `const line${line} = "値 ${line}";`).join('\n');
  await call(client, 'store_pattern', { id: 'long', content });
  let from_line = 1;
  const parts = [];
  do {
    const { answer, text } = await call(client, 'get_pattern', { id: 'long', from_line, max_tokens: 1000 });
    assert.ok(countTokens(text) < 1500, `${countTokens(text)} tokens`);
    assert.equal(answer.first_line, from_line);
    assert.equal(answer.total_lines, 400);
    parts.push(answer.content);
    from_line = answer.last_line + 1;
  } while (from_line <= 400);
  assert.ok(parts.length > 2);
  assert.equal(parts.join('\n'), content);
  const beyond = await call(client, 'get_pattern', { id: 'long', from_line: 401 });
  assert.ok(beyond.isError);
  assert.match(beyond.text, /has 400 lines.*from 1 to 400/);
  await call(client, 'store_pattern', { id: 'one-line', content: '認証 '.repeat(5000) });
  const cut = await call(client, 'get_pattern', { id: 'one-line', max_tokens: 100 });
  assert.ok(countTokens(cut.text) < 200);
});

test('a stored pattern is found at once, and replaced only when that is asked for', async (t) => {
  const client = await connect(t);
  const pattern = { id: 'retry', content: 'for (;;) await attempt();', description: 'Retries with backoff' };
  const options = { frameworks: ['undici'], tags: ['http'] };
  assert.deepEqual((await call(client, 'store_pattern', { ...pattern, ...options })).answer, {
    id: 'retry',
    replaced: false,
  });
  const { answer } = await call(client, 'search_patterns', { query: 'retry attempt', tags: ['http'] });
  assert.equal(answer.hits[0].summary, 'Retries with backoff');
  const refused = await call(client, 'store_pattern', { ...pattern, content: 'other' });
  assert.ok(refused.isError);
  assert.match(refused.text, /already.*replace: true/);
  assert.equal((await call(client, 'get_pattern', { id: 'retry' })).answer.content, pattern.content);
  const replaced = await call(client, 'store_pattern', { ...pattern, content: 'other', replace: true });
  assert.equal(replaced.answer.replaced, true);
  assert.equal((await call(client, 'get_pattern', { id: 'retry' })).answer.content, 'other');
});

test('frameworks, their combinations, clusters and statistics tell of what was learned', async (t) => {
  const client = await learnedClient(t, { enable_ml: true });
  const counted = (await call(client, 'list_frameworks', { limit: 4 })).answer.frameworks;
  assert.equal(counted.length, 4);
  assert.ok(counted[0].patterns >= counted[3].patterns && counted[3].patterns > 0);
  const { related } = (await call(client, 'list_frameworks', { framework: 'Hono' })).answer;
  assert.ok(related.some((/** @type {any} */ one) => one.name === 'zod'));
  const { answer, text } = await call(client, 'recommend_integration', { frameworks: ['Next.js', 'hono'] });
  assert.equal(answer.coverage, 'all');
  assert.deepEqual(answer.patterns[0].ids, ['nextjs-bff-hono-proxy']);
  assert.match(text, /nextjs-bff-hono-proxy/);
  const { clusters } = (await call(client, 'list_clusters', { limit: 2 })).answer;
  assert.equal(clusters.length, 2);
  assert.ok(clusters[0].size >= clusters[1].size && clusters[0].ids.length > 0);
  const stats = (await call(client, 'show_stats')).answer;
  assert.ok(stats.chunks > 200 && stats.model_loaded && stats.last_learned_path === spikes);
});

test('folders of documents and code are learned, and what cannot be read is named', async (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'guide.md'), '# Retries\n\nWait longer each time.\n');
  fs.writeFileSync(path.join(folder, 'retry.js'), 'function retryWithBackoff() {\n  return 1;\n}\n');
  fs.writeFileSync(path.join(folder, 'broken.json'), 'no template');
  const client = await connect(t);
  const documents = (await call(client, 'learn', { kind: 'documents', path: folder })).answer;
  assert.deepEqual([documents.new, documents.chunks_stored], [1, 1]);
  const code = (await call(client, 'learn', { kind: 'code', path: folder })).answer;
  assert.ok(code.chunks_stored > 0);
  const templates = await call(client, 'learn', { kind: 'spikes', path: folder });
  assert.equal(templates.answer.malformed_count, 1);
  assert.match(templates.text, /broken\.json:1/);
  const { answer } = await call(client, 'search_patterns', { query: 'retryWithBackoff' });
  assert.match(answer.hits[0].id, /retry/);
});

test('feedback changes what alike queries find first, and can be undone', async (t) => {
  const client = await connect(t);
  await call(client, 'store_pattern', { id: 'first', content: 'retry with backoff and jitter' });
  await call(client, 'store_pattern', { id: 'second', content: 'retry with backoff and limits' });
  const query = 'retry with backoff';
  const found = async () => {
    const { hits } = (await call(client, 'search_patterns', { query })).answer;
    return hits.map((/** @type {any} */ hit) => hit.id);
  };
  const [before, other] = await found();
  const given = [];
  for (let use = 0; use < 5; use++) {
    const { answer } = await call(client, 'give_feedback', { id: other, query, outcome: 'accepted' });
    given.push(answer.feedback_id);
  }
  assert.deepEqual(await found(), [other, before]);
  for (const undo of given) {
    assert.equal((await call(client, 'give_feedback', { undo })).answer.undone, true);
  }
  assert.deepEqual(await found(), [before, other]);
  const corrected = await call(client, 'give_feedback', {
    id: before,
    query,
    correction: 'retry five times',
  });
  const { correction_id } = corrected.answer;
  assert.equal((await call(client, 'get_pattern', { id: correction_id })).answer.content, 'retry five times');
  const unknown = await call(client, 'give_feedback', { id: 'nobody', query, rating: 1 });
  assert.ok(unknown.isError);
  assert.match(unknown.text, /nobody/);
});

test('bad arguments are tool errors that say what to give, and the server goes on', async (t) => {
  const client = await connect(t);
  /** @type {[string, Record<string, unknown>, RegExp][]} */
  const cases = [
    ['search_patterns', {}, /Give query, or like/],
    ['search_patterns', { query: 'a', like: 'b' }, /one of the two/],
    ['search_patterns', { query: 5 }, /query is 5\. Give a string/],
    ['search_patterns', { query: 'a', limt: 5 }, /no argument 'limt'.*limit/],
    ['search_patterns', { query: 'a', limit: 1000 }, /limit is 1000\. Give at most 50/],
    ['search_patterns', { query: 'a', frameworks: [''] }, /A name in frameworks is empty/],
    ['search_patterns', { like: 'nobody' }, /no chunk 'nobody'/],
    ['get_pattern', {}, /id is missing\. Give a string/],
    ['get_pattern', { id: 'nobody' }, /no pattern 'nobody'/],
    ['get_pattern', { id: '' }, /id/],
    ['store_pattern', { id: 'a', content: '' }, /content is ""\. Give a text that is not empty/],
    ['store_pattern', { id: 'a'.repeat(5000), content: 'x' }, /4,?096/],
    ['store_pattern', { id: 'a', content: 'x', quality_score: 2 }, /quality_score is 2\. Give at most 1/],
    ['learn', { kind: 'books' }, /kind is "books"\. Give 'spikes', 'documents', 'code'/],
    ['learn', { kind: 'code' }, /path is missing/],
    ['learn', { kind: 'code', path: 'relative' }, /absolute path/],
    ['learn', { kind: 'code', path: '/no/such/folder' }, /does not exist/],
    ['learn', { kind: 'spikes' }, /needs a folder/],
    ['recommend_integration', { frameworks: [] }, /frameworks is \[\]\. Give at least 1/],
    ['list_clusters', { framework: '' }, /framework/],
    ['give_feedback', {}, /Give one of/],
    ['give_feedback', { outcome: 'accepted' }, /Give id and query/],
    ['give_feedback', { outcome: 'meh' }, /outcome is "meh"/],
  ];
  for (const [name, values, message] of cases) {
    const { isError, text } = await call(client, name, values);
    assert.ok(isError, `${name} ${JSON.stringify(values)}`);
    assert.match(text, message);
  }
  await assert.rejects(call(client, 'no_such_tool'), /no_such_tool/);
  assert.equal((await call(client, 'show_stats')).answer.chunks, 0);
});

test('a memory that cannot be opened is a tool error with the remedy, after a normal handshake', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'file');
  fs.writeFileSync(file, '');
  const client = await connect(t, { memory_path: path.join(file, 'memory') });
  const failed = await call(client, 'show_stats');
  assert.ok(failed.isError);
  assert.match(failed.text, /file/);
  await assert.rejects(client.readResource({ uri: 'fluorite://report/memory' }));
  fs.rmSync(file);
  assert.equal((await call(client, 'show_stats')).isError, false);
  const without = await connect(t, { python: path.join(folder, 'no-python') });
  assert.equal((await without.listTools()).tools.length, TOOLS.length);
  assert.match((await call(without, 'show_stats')).text, /no-python/);
});

test('learning tells its progress, which only grows, and stops when it is cancelled', async (t) => {
  const client = await connect(t, { enable_ml: true });
  const controller = new AbortController();
  /** @type {any[]} */
  const reports = [];
  const learning = call(
    client,
    'learn',
    { kind: 'spikes', path: spikes },
    {
      signal: controller.signal,
      onprogress: (/** @type {any} */ report) => {
        reports.push(report);
        if (/^embed: [1-9]/.test(report.message)) controller.abort(new Error('enough'));
      },
    },
  );
  await assert.rejects(learning, /enough/);
  const { answer } = await call(client, 'show_stats');
  assert.ok(answer.chunks > 200);
  assert.ok(answer.waiting_for_vector > 0);
  assert.ok(reports.length > 2);
  for (const [place, report] of reports.entries()) {
    assert.ok(place === 0 || report.progress > reports[place - 1].progress);
    assert.ok(report.progress <= report.total);
  }
  const again = await call(client, 'learn', { kind: 'spikes', path: spikes });
  assert.equal(again.answer.processed, 0);
});

test('two clients at once share one memory', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const clients = await Promise.all([connect(t, { memory_path }), connect(t, { memory_path })]);
  await Promise.all(
    clients.flatMap((client, owner) =>
      Array.from({ length: 20 }, (_, number) =>
        call(client, 'store_pattern', { id: `${owner}-${number}`, content: `${WORDS[owner]} ${number}` }),
      ),
    ),
  );
  for (const [reader, client] of clients.entries()) {
    const { answer } = await call(client, 'search_patterns', { query: WORDS[1 - reader], limit: 50 });
    assert.equal(answer.hits.length, 20);
    assert.equal((await call(client, 'show_stats')).answer.chunks, 40);
  }
});

test('patterns and reports are resources', async (t) => {
  const client = await learnedClient(t);
  const { resources } = await client.listResources();
  for (const { uri } of resources) {
    const [content] = /** @type {any[]} */ ((await client.readResource({ uri })).contents);
    assert.ok(JSON.parse(content.text) !== null, uri);
  }
  assert.ok(resources.some(({ uri }) => uri === 'fluorite://report/learning'));
  const { resourceTemplates } = await client.listResourceTemplates();
  assert.equal(resourceTemplates[0].uriTemplate, 'fluorite://chunk/{id}');
  const id = 'nextjs-laravel-sanctum-spa#{{app_name}}/components/login-form.tsx';
  const uri = `fluorite://chunk/${encodeURIComponent(id)}`;
  const [chunk] = /** @type {any[]} */ ((await client.readResource({ uri })).contents);
  assert.match(chunk.text, /useAuth/);
  await assert.rejects(client.readResource({ uri: 'fluorite://chunk/nobody' }), /nobody/);
  const { completion } = await client.complete({
    ref: { type: 'ref/resource', uri: 'fluorite://chunk/{id}' },
    argument: { name: 'id', value: 'hono-' },
  });
  assert.ok(completion.values.length > 3 && completion.values.every((value) => value.startsWith('hono-')));
});

test('bytes are a resource, and as a pattern an error that names it', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { memory_path });
  await bridge.storeChunk({ id: 'a b', content: new Uint8Array([0, 255, 7]) });
  await bridge.shutdown();
  const client = await connect(t, { memory_path });
  const refused = await call(client, 'get_pattern', { id: 'a b' });
  assert.ok(refused.isError);
  const uri = /fluorite:\S+/.exec(refused.text)?.[0] ?? '';
  const [content] = /** @type {any[]} */ ((await client.readResource({ uri })).contents);
  assert.deepEqual([...Buffer.from(content.blob, 'base64')], [0, 255, 7]);
});

test('a prompt teaches to search before writing and to say what was used', async (t) => {
  const client = await connect(t);
  const { prompts } = await client.listPrompts();
  assert.deepEqual(
    prompts.map((prompt) => prompt.name),
    ['write_with_memory'],
  );
  const { messages } = await client.getPrompt({
    name: 'write_with_memory',
    arguments: { task: 'a login form', frameworks: 'hono' },
  });
  const { text } = /** @type {any} */ (messages[0].content);
  for (const expected of ['a login form', 'hono', 'search_patterns', 'get_pattern', 'Used patterns']) {
    assert.ok(text.includes(expected), expected);
  }
  await assert.rejects(client.getPrompt({ name: 'write_with_memory', arguments: {} }), /task is missing/);
});

test('the tools cost few tokens, and a typical answer too', async (t) => {
  const client = await learnedClient(t);
  const { tools } = await client.listTools();
  const seen = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  assert.ok(countTokens(JSON.stringify(seen)) < 1600, `${countTokens(JSON.stringify(seen))} tokens`);
  const { text } = await call(client, 'search_patterns', { query: 'upload a file to s3' });
  assert.ok(countTokens(text) < 700, `${countTokens(text)} tokens`);
});

test('stdout carries nothing but the protocol, whatever is sent', async (t) => {
  const folder = temporaryFolder(t);
  const template = 'hono-jwt-auth-api.json';
  fs.copyFileSync(path.join(spikes, template), path.join(folder, template));
  const server = startServer(t, { memory_path: path.join(folder, 'memory') });
  server.send(INITIALIZE);
  await server.answer(1);
  server.send({ method: 'notifications/initialized' });
  server.child.stdin.write('this is not JSON\n{"jsonrpc":"2.0"}\n');
  server.send({ id: 2, method: 'no/such/method' });
  server.send({
    id: 3,
    method: 'tools/call',
    params: { name: 'learn', arguments: { kind: 'spikes', path: folder } },
  });
  server.send({
    id: 4,
    method: 'tools/call',
    params: { name: 'search_patterns', arguments: { query: 'login' } },
  });
  assert.equal((await server.answer(2)).error.code, -32601);
  assert.ok((await server.answer(3)).result.structuredContent.chunks_stored > 1);
  await server.answer(4);
  server.child.stdin.end();
  assert.deepEqual(await server.exited, { code: 0, signal: null });
  for (const line of server.lines()) assert.equal(JSON.parse(line).jsonrpc, '2.0');
});

test('a search right after the handshake does not wait for the model, and says so', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { memory_path });
  await bridge.storeChunk({ id: 'retry', content: 'retry with backoff' });
  await bridge.shutdown();
  const server = startServer(t, { memory_path });
  server.send(INITIALIZE);
  await server.answer(1);
  server.send({
    id: 2,
    method: 'tools/call',
    params: { name: 'search_patterns', arguments: { query: 'backoff' } },
  });
  const { structuredContent } = (await server.answer(2)).result;
  assert.equal(structuredContent.hits[0].id, 'retry');
  assert.match(structuredContent.note, /by words alone: The model is being loaded/);
  const deadline = Date.now() + 30_000;
  for (let id = 3; ; id++) {
    server.send({
      id,
      method: 'tools/call',
      params: { name: 'search_patterns', arguments: { query: 'backoff' } },
    });
    const { note } = (await server.answer(id)).result.structuredContent;
    if (note === undefined) break;
    assert.ok(Date.now() < deadline, note);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test('the handshake is answered in under 300 ms from the start of the process', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const rounds = [];
  for (let round = 0; round < 10; round++) {
    const before = performance.now();
    await run(process.execPath, ['-e', '0']);
    const bare = performance.now() - before;
    const started = performance.now();
    const server = startServer(t, { memory_path });
    server.send(INITIALIZE);
    await server.answer(1);
    const taken = performance.now() - started;
    server.child.stdin.end();
    assert.deepEqual(await server.exited, { code: 0, signal: null });
    // Where even an empty Node takes long to start, the machine is busy with something else.
    const allowed = 300 * Math.max(1, bare / USUAL_NODE_START_MS);
    if (taken < allowed) return;
    rounds.push(`${Math.round(taken)} of ${Math.round(allowed)}`);
  }
  assert.fail(`${rounds.join(', ')} ms`);
});

test('the server ends when its client is gone or a signal asks it to, and loses nothing', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  for (const end of ['stdin', 'SIGTERM', 'SIGINT']) {
    const server = startServer(t, { memory_path });
    server.send(INITIALIZE);
    await server.answer(1);
    const values = { id: end, content: end };
    server.send({ id: 2, method: 'tools/call', params: { name: 'store_pattern', arguments: values } });
    await server.answer(2);
    if (end === 'stdin') server.child.stdin.end();
    else server.child.kill(/** @type {NodeJS.Signals} */ (end));
    assert.deepEqual(await server.exited, { code: 0, signal: null }, end);
  }
  const bridge = await openBridge(t, { memory_path });
  const found = await bridge.getChunks(['stdin', 'SIGTERM', 'SIGINT']);
  await bridge.shutdown();
  assert.ok(found.every((chunk) => chunk !== null));
});
