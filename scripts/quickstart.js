#!/usr/bin/env node
// @ts-check
'use strict';

const path = require('node:path');
const { parseArgs } = require('node:util');
const { SetupError, duration } = require('./console.js');
const { ROOT, STATE, report, setup } = require('./setup.js');

const HELP = `Sets everything up, learns a folder of spike templates and answers questions from it.

Usage: npm run quickstart -- [options] [question ...]

  --templates DIR   folder of templates (default: examples/spikes)
  --memory DIR      folder that keeps the memory (default: .fluorite/quickstart-memory)
  --help            this text

Examples:
  npm run quickstart
  npm run quickstart -- "retry a queued job with backoff"
  npm run quickstart -- --templates ./my-spikes --memory ./memory "JWT 認証"
`;

const QUESTIONS = [
  'protect pages from visitors who are not signed in',
  'retry a failed background job with increasing delays',
  'Celery のタスクを二重に実行しないようにリトライしたい',
];
const HITS = 3;

/** @param {import('fluorite-memory-engine').Progress} progress */
function showProgress({ stage, done, total, seconds_left }) {
  const left = seconds_left === null || done === total ? '' : `, about ${duration(seconds_left * 1000)} left`;
  const line = `  ${stage}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}${left}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}${done === total ? '\n' : ''}`);
  else if (done === total) process.stderr.write(`${line}\n`);
}

/** @param {string} content */
function firstLines(content) {
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, 2).map((line) => `       ${line.slice(0, 100)}`);
}

/** @param {string[]} args */
async function main(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { templates: { type: 'string' }, memory: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  await setup();
  const { FluoriteBridge } = require('../lib/index.js');
  const bridge = new FluoriteBridge();
  await bridge.initialize({
    memory_path: path.resolve(values.memory ?? path.join(STATE, 'quickstart-memory')),
    spike_templates_path: path.resolve(values.templates ?? path.join(ROOT, 'examples', 'spikes')),
    history: false,
  });
  const learned = await bridge.learnFromSpikes({ onProgress: showProgress });
  const { chunks } = await bridge.getMetrics();
  console.log(
    `Learned ${learned.new} new and ${learned.changed} changed templates, ${learned.unchanged} unchanged, ` +
      `in ${duration(learned.seconds.total * 1000)}; the memory holds ${chunks} chunks.`,
  );
  for (const { file, line, reason } of learned.malformed)
    console.log(`  skipped ${file}, line ${line}: ${reason}`);
  for (const question of positionals.length > 0 ? positionals : QUESTIONS) {
    const started = performance.now();
    const hits = await bridge.searchSimilar(question, HITS);
    console.log(`\n? ${question}   (${(performance.now() - started).toFixed(1)} ms)`);
    for (const { id, score, content } of hits) {
      console.log(`  ${score.toFixed(2)} ${id}`);
      if (typeof content === 'string') console.log(firstLines(content).join('\n'));
    }
  }
  await bridge.shutdown();
}

main(process.argv.slice(2)).catch((error) => {
  const expected = error?.name === 'FluoriteError' || error?.code?.startsWith?.('ERR_PARSE_ARGS');
  report(expected ? new SetupError(error.message) : error);
});
