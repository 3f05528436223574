#!/usr/bin/env node
// @ts-check
'use strict';

const path = require('node:path');
const { parseArgs } = require('node:util');
const { ROOT, STATE } = require('../cli/setup/setup.js');
const { report, setupClone } = require('./setup.js');

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

/**
 * Runs a command of the command line; a failure, which it has told, ends the process.
 * @param {string[]} args
 */
async function command(...args) {
  await require('../cli/main.js').main(args);
  if (process.exitCode) process.exit();
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
  const memory = path.resolve(values.memory ?? path.join(STATE, 'quickstart-memory'));
  const templates = path.resolve(values.templates ?? path.join(ROOT, 'examples', 'spikes'));
  await setupClone([]);
  if (process.exitCode) return;
  await command('learn', templates, '--as', 'spikes', '--memory', memory);
  for (const question of positionals.length > 0 ? positionals : QUESTIONS) {
    process.stdout.write(`\n? ${question}\n`);
    await command('search', '--no-history', '--limit', '3', '--memory', memory, '--', question);
  }
}

main(process.argv.slice(2)).catch((error) => {
  if (error?.code?.startsWith?.('ERR_PARSE_ARGS')) process.stderr.write(`${error.message}\n\n${HELP}`);
  else report(error);
  process.exitCode = 1;
});
