// @ts-check
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { runCli } = require('./cli_support.js');
const { temporaryFolder } = require('./support.js');

/** @param {any} context */
async function twoChunks(context) {
  const memory = path.join(temporaryFolder(context), 'memory');
  const input = ['first', 'second']
    .map((id) => JSON.stringify({ id, content: `${id} way to retry a failed job` }))
    .join('\n');
  const { code, stderr } = await runCli(['store', '--lines', '-', '--memory', memory], { input });
  assert.equal(code, 0, stderr);
  const env = { FLUORITE_STATE_DIR: temporaryFolder(context) };
  /** @param {string[]} args @param {string} [text] */
  const run = (args, text) => runCli([...args, '--memory', memory], { env, input: text });
  return run;
}

test('feedback on a hit counts for the search that found it, and can be listed and taken back', async (context) => {
  const run = await twoChunks(context);
  const search = ['search', 'retry a failed job', '--json', '--no-fold'];
  const [, worse] = JSON.parse((await run(search)).stdout).hits;
  const kept = await run(['feedback', worse.id, '--good']);
  assert.equal(kept.code, 0, kept.stderr);
  assert.match(kept.stdout, /^Kept as \S+, for the search: retry a failed job\n$/);
  const [best] = JSON.parse((await run(search)).stdout).hits;
  assert.equal(best.id, worse.id);
  const [listed] = JSON.parse((await run(['feedback', '--list', '--json'])).stdout);
  assert.deepEqual([listed.id, listed.rating, listed.feedback_type], [worse.id, 1, 'search_relevance']);
  const undone = await run(['feedback', '--undo', listed.feedback_id]);
  assert.equal(undone.code, 0, undone.stderr);
  const again = await run(['feedback', '--undo', listed.feedback_id]);
  assert.equal(again.code, 3);
});

test('a correction is stored as a chunk and found first', async (context) => {
  const run = await twoChunks(context);
  const args = ['feedback', 'first', '--correction', '-', '--query', 'retry a failed job', '--json'];
  const { code, stdout, stderr } = await run(args, 'retry(job, { backoff: true })');
  assert.equal(code, 0, stderr);
  const { correction_id } = JSON.parse(stdout);
  const shown = await run(['show', correction_id, '--content']);
  assert.equal(shown.stdout, 'retry(job, { backoff: true })');
});

test('feedback without a search, or that says nothing or two things, is wrong usage', async (context) => {
  const run = await twoChunks(context);
  const wrong = [
    ['first', '--good'],
    ['first'],
    ['--good'],
    ['first', '--good', '--bad'],
    ['first', '--good', '--list'],
  ];
  const ended = await Promise.all(wrong.map((args) => run(['feedback', ...args])));
  assert.deepEqual(
    ended.map(({ code }) => code),
    wrong.map(() => 2),
  );
  assert.match(ended[0].stderr, /no search that found first.*--query/);
});
