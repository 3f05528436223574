#!/usr/bin/env node
// @ts-check
'use strict';

const path = require('node:path');
const { parseArgs } = require('node:util');
const { Progress, SetupError } = require('./console.js');
const { suitableInterpreters } = require('./interpreters.js');
const node = require('./node_side.js');
const python = require('./python_side.js');
const { withLock } = require('./stamps.js');

const ROOT = path.join(__dirname, '..');
const STATE = path.join(ROOT, '.fluorite');

const HELP = `Prepares Fluorite Memory Engine: Node packages, native addon, Python environment, embedding model.
What is already in order is left alone, so it can be run at any time.

Usage: npm run setup -- [options]        (in an installed package: npx fluorite-setup [options])

  --python PATH   the CPython (3.11 or newer) to use; FLUORITE_PYTHON says the same
  --venv PATH     folder of the virtual environment (default: .venv in the package)
  --serve-only    only what serving needs: no torch, no model export
  --with dev      also the linters, type checkers and test runners
  --offline       use no network: npm's cache, and wheels that pip finds locally
  --wheels DIR    a folder of wheels that pip may use as well
  --help          this text

Examples:
  npm run setup
  npm run setup -- --python /usr/bin/python3.12
  npm run setup -- --serve-only --venv /srv/fluorite/venv
  npm run setup -- --offline --wheels ./wheels
`;

/**
 * @typedef {object} SetupOptions
 * @property {string} [python]
 * @property {string} [venv]
 * @property {boolean} [serveOnly]
 * @property {string[]} [with] further extras of python/pyproject.toml
 * @property {boolean} [offline]
 * @property {string} [wheels]
 */

/**
 * @param {Progress} progress
 * @param {string} title
 * @param {boolean} current
 * @param {(note: (text: string) => void) => Promise<void>} work
 */
async function ensure(progress, title, current, work) {
  if (current) progress.skip(title);
  else await progress.step(title, work);
}

/**
 * The Python half alone: a virtual environment with the base requirements and `extras`.
 * @param {Progress} progress
 * @param {{title: string, venv: string, python?: string, extras: string[], offline?: boolean, wheels?: string}} options
 */
async function ensureEnvironment(progress, { title, ...options }) {
  const wanted = { root: ROOT, ...options };
  const log = path.join(STATE, `${path.basename(options.venv).replace(/^\./, '')}.log`);
  await ensure(progress, title, python.environmentIsCurrent(wanted), (note) =>
    python.prepareEnvironment({ ...wanted, log, note }),
  );
}

/**
 * @param {SetupOptions} [options]
 * @returns {Promise<{venv: string, program: string}>} the environment made; rejects with a SetupError that names
 *   the remedy
 */
async function setup(options = {}) {
  const { serveOnly = false, offline = false, wheels } = options;
  const requested = options.python ?? process.env.FLUORITE_PYTHON;
  const venv = path.resolve(options.venv ?? path.join(ROOT, '.venv'));
  const extras = [...(serveOnly ? [] : ['export']), ...(options.with ?? [])];
  const withDevelopment = extras.includes('dev');
  const progress = new Progress(serveOnly ? 3 : 4);
  node.checkNodeVersion();
  await exclusively(progress, async () => {
    await ensure(progress, 'Node packages', node.nodePackagesMatch(ROOT, withDevelopment), () =>
      node.installNodePackages({ root: ROOT, state: STATE, withDevelopment, offline }),
    );
    await ensure(progress, 'native addon', node.addonIsCurrent(ROOT, STATE), async (note) => {
      const [interpreter] = suitableInterpreters(requested ? [requested] : undefined);
      await node.buildAddon({ root: ROOT, state: STATE, python: interpreter.program, note });
    });
    await ensureEnvironment(progress, {
      title: 'Python environment',
      venv,
      python: requested,
      extras,
      offline,
      wheels,
    });
    if (!serveOnly) {
      await ensure(progress, 'embedding model', python.modelIsCurrent(ROOT, STATE), (note) =>
        python.exportModel({ root: ROOT, state: STATE, venv, note }),
      );
    }
  });
  progress.finish();
  return { venv, program: python.environmentProgram(venv) };
}

/**
 * @template T
 * @param {Progress} progress
 * @param {() => Promise<T>} work
 */
function exclusively(progress, work) {
  const waiting = (/** @type {number} */ pid) =>
    progress.print(`Another set-up (process ${pid}) is running; waiting for it.`);
  return withLock(path.join(STATE, 'lock'), waiting, work);
}

/** @param {unknown} error */
function report(error) {
  process.stderr.write(`${error instanceof SetupError ? error.message : /** @type {any} */ (error).stack}\n`);
  process.exitCode = 1;
}

/** @param {string[]} args */
async function main(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        python: { type: 'string' },
        venv: { type: 'string' },
        'serve-only': { type: 'boolean' },
        with: { type: 'string', multiple: true },
        offline: { type: 'boolean' },
        wheels: { type: 'string' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    throw new SetupError(`${/** @type {Error} */ (error).message}\n\n${HELP}`);
  }
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const unknown = values.with?.find((extra) => extra !== 'dev');
  if (unknown) throw new SetupError(`--with ${unknown}: unknown\n  known: dev`);
  await setup({ ...values, serveOnly: values['serve-only'] });
}

if (require.main === module) main(process.argv.slice(2)).catch(report);

module.exports = {
  ROOT,
  STATE,
  ensureEnvironment,
  exclusively,
  report,
  setup,
};
