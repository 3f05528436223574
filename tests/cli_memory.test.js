// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { SPIKES, runCli } = require('./cli_support.js');
const { temporaryFolder } = require('./support.js');

const ESCAPE = '\u001b';

/** @param {string} text */
const hasEscapes = (text) => text.includes(ESCAPE);

/** A memory of the example templates, made by words alone. @type {string} */
let memory;
/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof runCli>>} */
let learned;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-test-'));
  memory = path.join(folder, 'memory');
  learned = await runCli(['learn', SPIKES, '--no-model', '--memory', memory]);
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** @param {string[]} args @param {Parameters<typeof runCli>[1]} [options] */
const inMemory = (args, options) => runCli([...args, '--memory', memory], options);

test('learn detects spike templates and reports what it did on standard output alone', () => {
  assert.equal(learned.code, 0, learned.stderr);
  assert.match(learned.stdout, /^Spike templates in .*examples\/spikes\n {2}68 new · 0 changed/);
  assert.match(learned.stdout, /303 chunks stored/);
  assert.equal(hasEscapes(learned.stdout + learned.stderr), false);
});

test('learn tells documents and code apart, and learns both of a folder that holds both', async (context) => {
  const project = temporaryFolder(context);
  fs.writeFileSync(path.join(project, 'guide.md'), '# Retrying\n\nWait longer before each attempt.\n');
  fs.writeFileSync(
    path.join(project, 'retry.js'),
    'export function retryLater(job) {\n  return job.later();\n}\n',
  );
  fs.writeFileSync(path.join(project, 'package.json'), '{"name": "x", "files": ["retry.js"]}\n');
  const { code, stdout, stderr } = await runCli([
    ...['learn', project, '--no-model', '--json', '--quiet'],
    ...['--memory', path.join(project, '.memory')],
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  const report = JSON.parse(stdout);
  assert.deepEqual(
    report.learned.map((/** @type {any} */ one) => [one.kind, one.report.processed]),
    [
      ['documents', 1],
      ['code', 2],
    ],
  );
});

test('learn --dry-run tells what would be learned and stores nothing', async (context) => {
  const place = path.join(temporaryFolder(context), 'memory');
  const { code, stdout } = await runCli(['learn', SPIKES, '--dry-run', '--memory', place]);
  assert.equal(code, 0);
  assert.match(stdout, /303 chunks stored[\s\S]*nothing was stored/);
  assert.equal(fs.existsSync(place), false);
});

test('learn says which folder is not there, and what a malformed template lacks', async (context) => {
  const place = temporaryFolder(context);
  const missing = await inMemory(['learn', path.join(place, 'nowhere')]);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /nowhere does not exist/);
  fs.writeFileSync(path.join(place, 'bad.json'), '{"id": "x", "files": [{"path": 7]}');
  const { stdout } = await runCli(['learn', place, '--no-model', '--memory', path.join(place, 'memory')]);
  assert.match(stdout, /1 files could not be learned.*\n {4}bad\.json:1 {2}\S/);
});

test('search shows hits, why they matched and the telling lines', async () => {
  const { code, stdout, stderr } = await inMemory(['search', 'JWT', '認証', '--no-model', '-n', '2']);
  assert.equal(code, 0, stderr);
  const [first, labels, why, ...lines] = stdout.split('\n');
  assert.match(first, /^\d\.\d\d {2}hono-jwt-auth-api\b.*\+\d alike$/);
  assert.match(labels, /template.*hono.*#jwt/);
  assert.match(why, /^ {6}words 0\.\d\d \(JWT, /);
  assert.match(lines[0], /^ +\d+ {2}.*jwt/i);
  assert.equal(hasEscapes(stdout), false);
  assert.equal(stderr, '');
});

test('search --json prints the hits of the bridge', async () => {
  const args = ['search', 'JWT', '--no-model', '--json', '--framework', 'hono', '--tag', 'auth'];
  const { code, stdout } = await inMemory(args);
  assert.equal(code, 0);
  const { query, hits, incomplete } = JSON.parse(stdout);
  assert.equal(query, 'JWT');
  assert.equal(incomplete, null);
  assert.ok(hits.length > 0 && hits.length <= 5);
  for (const hit of hits) {
    assert.ok(hit.frameworks.includes('hono') && hit.tags.includes('auth'));
    assert.equal(typeof hit.explanation.parts.lexical, 'number');
  }
});

test('search without a hit is exit code 3, with or without --json', async () => {
  const args = ['search', 'zzqqxx', '--no-model'];
  const [plain, japanese, json] = await Promise.all([
    inMemory(args),
    inMemory(args, { env: { LC_ALL: 'ja_JP.UTF-8' } }),
    inMemory([...args, '--json']),
  ]);
  assert.deepEqual([plain.code, japanese.code, json.code], [3, 3, 3]);
  assert.match(plain.stderr, /Nothing was found/);
  assert.match(japanese.stderr, /見つかりませんでした/);
  assert.deepEqual(JSON.parse(json.stdout).hits, []);
  assert.equal(json.stderr, '');
});

test('search by meaning answers a request without a word in common', async (context) => {
  const place = path.join(temporaryFolder(context), 'memory');
  const chunks = [
    { id: 'backoff', content: 'function retry(job) { setTimeout(job.run, 2 ** attempt * 1000); }' },
    { id: 'modal', content: 'dialog.showModal(); dialog.addEventListener("close", restoreFocus);' },
  ];
  const input = chunks.map((chunk) => JSON.stringify(chunk)).join('\n');
  const stored = await runCli(['store', '--lines', '-', '--memory', place], { input });
  assert.equal(stored.code, 0, stored.stderr);
  const found = await runCli(['search', 'popup window overlay', '-n', '1', '--json', '--memory', place]);
  assert.equal(found.code, 0, found.stderr);
  assert.equal(JSON.parse(found.stdout).hits[0].id, 'modal');
});

test('store keeps a file or standard input byte for byte, and show gives it back', async (context) => {
  const place = path.join(temporaryFolder(context), 'memory');
  const options = ['--framework', 'hono', '--tag', 'a', '--tag', 'b', '--quality', '0.9', '--type', 'note'];
  const text = 'line one\r\n\tline two 日本語';
  const one = await runCli(['store', 'one', ...options, '--metadata', '{"team":"web"}', '--memory', place], {
    input: text,
  });
  assert.deepEqual([one.code, one.stdout], [0, 'one\n']);
  const bytes = Buffer.from([0, 255, 10, 200]);
  const file = path.join(path.dirname(place), 'bytes');
  fs.writeFileSync(file, bytes);
  const two = await runCli(['store', 'two', file, '--memory', place, '--json']);
  assert.deepEqual(JSON.parse(two.stdout), { id: 'two' });
  const shown = await runCli(['show', 'one', 'two', '--json', '--memory', place]);
  const [first, second] = JSON.parse(shown.stdout);
  assert.equal(first.content, text);
  assert.deepEqual(
    [first.frameworks, first.tags, first.quality_score, first.chunk_type, first.metadata],
    [['hono'], ['a', 'b'], 0.9, 'note', { team: 'web' }],
  );
  assert.equal(second.content.base64, bytes.toString('base64'));
  const content = await runCli(['show', 'one', '--content', '--memory', place]);
  assert.equal(content.stdout, text);
});

test('store --lines names the line that is no JSON, and the chunks that were refused', async (context) => {
  const place = path.join(temporaryFolder(context), 'memory');
  const args = ['store', '--lines', '-', '--memory', place];
  const broken = await runCli(args, { input: '{"id":"a","content":"x"}\n{oops\n' });
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /-, line 2: not valid JSON/);
  assert.equal(fs.existsSync(place), false);
  const refused = await runCli(args, { input: '{"id":"a","content":"x"}\n{"id":"b"}\n' });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /content/);
});

test('show tells an id that is not there from those that are', async () => {
  const { code, stdout, stderr } = await inMemory(['show', 'nope', 'hono-jwt-auth-api', '--explain']);
  assert.equal(code, 3);
  assert.match(stdout, /^hono-jwt-auth-api\n {2}type +template\n[\s\S]*is made of:\n {4}\w+ +1\.00/);
  assert.match(stderr, /no such chunk: nope/);
});

test('patterns, frameworks and clusters answer in tables and in JSON', async () => {
  const args = [
    ['patterns', 'Next.js', 'laravel'],
    ['frameworks', 'next', '-n', '3'],
  ];
  const [patterns, frameworks, clusters, json] = await Promise.all([
    ...args.map((one) => inMemory(one)),
    inMemory(['clusters'], { env: { LANG: 'ja_JP.UTF-8' } }),
    inMemory([...args[0], '--json']),
  ]);
  assert.match(patterns.stdout, /^nextjs \+ laravel\n {2}All are shown together/);
  assert.match(patterns.stdout, /nextjs-laravel-sanctum-spa/);
  assert.match(
    frameworks.stdout,
    /^framework +goes with +kind[^\n]+\n[\s\S]*\nnextjs +react +framework +\d+ +\d+ %/,
  );
  assert.equal(frameworks.stdout.trim().split('\n').length, 4);
  const all = await inMemory(['frameworks', '-n', '3']);
  assert.match(all.stdout, /^react +18 {2}█+\nzod +14 {2}█+.?\nnextjs +9 {2}█+.?\n$/);
  const pairs = JSON.parse((await inMemory(['frameworks', '--min-support', '0.05', '--json'])).stdout);
  assert.ok(pairs.length > 0 && pairs.every((/** @type {any} */ one) => one.support >= 0.05));
  // Without the model there are no vectors to cluster.
  assert.equal(clusters.code, 3);
  assert.match(clusters.stderr, /まとまりがありません/);
  assert.equal(JSON.parse(json.stdout).coverage, 'all');
  const unknown = await inMemory(['patterns', 'no-such-framework']);
  assert.equal(unknown.code, 3);
});

test('stats counts what is there', async () => {
  const [plain, json] = await Promise.all([inMemory(['stats']), inMemory(['stats', '--json'])]);
  assert.match(plain.stdout, /chunks +303\n/);
  assert.match(plain.stdout, /last run .*examples\/spikes/);
  assert.match(plain.stdout, /\nChunks by quality\n(?: {2}0\.\d–\d\.\d +\d+.*\n){10}/);
  const { chunks, learning, quality_histogram } = JSON.parse(json.stdout);
  assert.equal(chunks, 303);
  assert.equal(learning.last_run.new, 68);
  assert.equal(
    quality_histogram.reduce((/** @type {number} */ sum, /** @type {number} */ count) => sum + count),
    303,
  );
});

test('a memory that is not there is exit code 3 and the way to make one', async (context) => {
  const data = temporaryFolder(context);
  const commands = [
    ['search', 'x'],
    ['show', 'x'],
    ['stats'],
    ['clusters'],
    ['frameworks'],
    ['patterns', 'x'],
  ];
  for (const { code, stderr } of await Promise.all(
    commands.map((args) => runCli(args, { env: { XDG_DATA_HOME: data } })),
  )) {
    assert.equal(code, 3);
    assert.match(stderr, /no memory at .*fluorite\/memory yet[\s\S]*fluorite-memory learn/);
  }
  assert.deepEqual(fs.readdirSync(data), []);
});

test('the memory is that of --memory, else of FLUORITE_MEMORY_PATH, else of the data folder', async (context) => {
  const data = temporaryFolder(context);
  const places = ['a', 'b'].map((name) => path.join(data, name));
  const env = { XDG_DATA_HOME: data };
  await runCli(['store', 'own'], { input: 'x', env });
  await runCli(['store', 'named'], { input: 'x', env: { ...env, FLUORITE_MEMORY_PATH: places[0] } });
  await runCli(['store', 'given', '--memory', places[1]], {
    input: 'x',
    env: { ...env, FLUORITE_MEMORY_PATH: places[0] },
  });
  const folders = [path.join(data, 'fluorite', 'memory'), ...places];
  for (const [index, id] of ['own', 'named', 'given'].entries()) {
    const { code } = await runCli(['show', id, '--memory', folders[index]]);
    assert.equal(code, 0, id);
  }
});
