#!/usr/bin/env node
// @ts-check
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { Failure } = require('../cli/failure.js');
const { candidates, suitableInterpreters } = require('../cli/setup/interpreters.js');
const { environmentIsCurrent } = require('../cli/setup/python_side.js');
const { ROOT, STATE, ensureEnvironment, exclusively, setup } = require('../cli/setup/setup.js');
const { filesUnder } = require('../cli/setup/stamps.js');
const { Steps } = require('../cli/setup/steps.js');
const { duration } = require('../cli/terminal/format.js');

const HELP = `Sets up everything the tests need, then runs every check; all of them, even when one fails.

Usage: npm test -- [--only NAME[,NAME...]] [--fix] [-- arguments for the one stage selected]

  stages  ruff-format ruff-check mypy clang-format biome tsc pytest node
  groups  lint (ruff-format ruff-check clang-format biome), types (mypy tsc), tests (pytest node)
  --fix   let the formatters and linters correct what they can (npm run format)

FLUORITE_TEST_PYTHONS names further interpreters for the serving environments, separated by "${path.delimiter}".

Examples:
  npm test
  npm test -- --only lint,mypy
  npm test -- --only pytest -- -k store -x
`;

const SERVING_MINORS = [11, 12, 13];
const PYTHON_PATHS = ['python', 'cli', 'lib', 'benchmarks'];
const TAP = path.join(STATE, 'node-tests.tap');

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {'lint' | 'types' | 'tests'} group
 * @property {string[]} command
 * @property {string[]} [fix]
 * @property {string[]} [files] at least one must exist
 * @property {string} [cwd]
 */

/**
 * @param {string} venv
 * @returns {Stage[]} in the order they run
 */
function stages(venv) {
  const tool = (/** @type {string} */ name) => path.join(venv, 'bin', name);
  const script = (/** @type {string} */ name) => [process.execPath, require.resolve(name, { paths: [ROOT] })];
  const paths = PYTHON_PATHS.filter((folder) => filesUnder(path.join(ROOT, folder), /\.py$/).length > 0);
  const settings = ['--config', 'python/pyproject.toml'];
  const mypy = [tool('mypy'), 'fluorite', 'tests', '../cli/setup/python_environment.py', '../lib/probe.py'];
  const addon = filesUnder(path.join(ROOT, 'addon'), /\.(cc|h)$/);
  const tests = filesUnder(path.join(ROOT, 'tests'), /\.test\.(c|m)?js$/);
  const runner = [process.execPath, '--test', '--test-concurrency=1', '--test-timeout=600000'];
  // Tests measure latency, so files run one at a time.
  const reporters = ['spec', 'tap'].map((name) => `--test-reporter=${name}`);
  const destinations = ['stdout', TAP].map((file) => `--test-reporter-destination=${file}`);
  const ruff = tool('ruff');
  const biome = script('@biomejs/biome/bin/biome');
  return [
    {
      name: 'ruff-format',
      group: 'lint',
      command: [ruff, 'format', '--check', ...settings, ...paths],
      fix: [ruff, 'format', ...settings, ...paths],
    },
    {
      name: 'ruff-check',
      group: 'lint',
      command: [ruff, 'check', ...settings, ...paths],
      fix: [ruff, 'check', '--fix', ...settings, ...paths],
    },
    { name: 'mypy', group: 'types', command: mypy, cwd: path.join(ROOT, 'python') },
    {
      name: 'clang-format',
      group: 'lint',
      command: [tool('clang-format'), '--dry-run', '--Werror', '--ferror-limit=3', ...addon],
      fix: [tool('clang-format'), '-i', ...addon],
      files: addon,
    },
    { name: 'biome', group: 'lint', command: [...biome, 'check'], fix: [...biome, 'check', '--write'] },
    { name: 'tsc', group: 'types', command: [...script('typescript/bin/tsc'), '-p', 'tsconfig.json'] },
    {
      name: 'pytest',
      group: 'tests',
      command: [tool('python3'), '-m', 'pytest', ...(process.stdout.isTTY ? ['--color=yes'] : [])],
      cwd: path.join(ROOT, 'python'),
    },
    {
      name: 'node',
      group: 'tests',
      command: [...runner, ...reporters.flatMap((option, index) => [option, destinations[index]]), ...tests],
      files: tests,
    },
  ];
}

/**
 * Runs one stage, its output passed straight on.
 * @param {Stage} stage
 * @param {string[]} command
 * @returns {Promise<{passed: boolean, lastLine: string}>}
 */
function runStage({ files, cwd }, command) {
  if (files?.length === 0) {
    process.stdout.write('no files found\n');
    return Promise.resolve({ passed: false, lastLine: '' });
  }
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), {
      cwd: cwd ?? ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let end = '';
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
      process.stdout.write(chunk);
      end = (end + chunk).slice(-2000);
    });
    child.on('error', (error) => {
      process.stdout.write(`${error.message}\n`);
      resolve({ passed: false, lastLine: '' });
    });
    child.on('close', (code) =>
      resolve({ passed: code === 0, lastLine: end.trim().split('\n').at(-1) ?? '' }),
    );
  });
}

/** Environments without torch, in which the tests serve the exported model on each CPython at hand. */
async function prepareServingEnvironments() {
  const named = (process.env.FLUORITE_TEST_PYTHONS ?? '').split(path.delimiter).filter(Boolean);
  const folder = (/** @type {number} */ minor) => path.join(STATE, `serving-3.${minor}`);
  const missing = SERVING_MINORS.filter(
    (minor) => !environmentIsCurrent({ root: ROOT, venv: folder(minor), extras: [] }),
  );
  if (missing.length === 0) return;
  const found = [...suitableInterpreters([...named, ...candidates()])];
  const steps = new Steps(missing.length);
  await exclusively(steps, async () => {
    for (const minor of missing) {
      const interpreter = found.find(({ version }) => version[1] === minor);
      if (interpreter) {
        await ensureEnvironment(steps, {
          title: `serving environment, CPython 3.${minor}`,
          venv: folder(minor),
          python: interpreter.program,
          extras: [],
        });
      } else {
        steps.print(
          `CPython 3.${minor} is not installed: serving is not tested on it (FLUORITE_TEST_PYTHONS).`,
        );
      }
    }
  });
}

/** @param {string[]} args */
function readOptions(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true },
      fix: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  return { ...values, only: values.only?.flatMap((names) => names.split(',')), positionals };
}

/**
 * @param {Stage[]} all
 * @param {string[] | undefined} only
 */
function select(all, only) {
  const unknown = only?.find((name) => !all.some((stage) => stage.name === name || stage.group === name));
  if (unknown) throw new Failure(`--only ${unknown}: no such stage\n\n${HELP}`);
  return all.filter((stage) => !only || only.includes(stage.name) || only.includes(stage.group));
}

/** @returns {string[]} the closing lines of Node's test runner */
function nodeClosingLines() {
  const lines = fs.existsSync(TAP) ? fs.readFileSync(TAP, 'utf8').trim().split('\n') : [];
  return lines.filter((line) => /^# (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(line));
}

/** @param {string[]} args */
async function main(args) {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const { venv } = await setup({ with: ['dev'] });
  const selected = select(stages(venv), options.only).filter((stage) => !options.fix || stage.fix);
  if (options.positionals.length > 0 && selected.length !== 1) {
    throw new Failure('Arguments after -- need exactly one stage, named with --only.');
  }
  if (selected.some((stage) => stage.group === 'tests')) await prepareServingEnvironments();
  fs.rmSync(TAP, { force: true });

  /** @type {string[]} */
  const summary = [];
  /** @type {string[]} */
  const closing = [];
  for (const stage of selected) {
    process.stdout.write(`\n=== ${stage.name} ===\n`);
    const started = Date.now();
    const command = (options.fix && stage.fix) || stage.command;
    const { passed, lastLine } = await runStage(stage, [...command, ...options.positionals]);
    if (!passed) process.exitCode = 1;
    summary.push(
      `${stage.name.padEnd(13)}${passed ? 'ok    ' : 'FAILED'}  ${duration(Date.now() - started)}`,
    );
    if (stage.name === 'pytest') closing.push(lastLine);
    if (stage.name === 'node') closing.push(...nodeClosingLines());
  }
  process.stdout.write(`\n=== summary ===\n${[...summary, ...closing].join('\n')}\n`);
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error instanceof Failure ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
