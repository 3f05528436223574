#!/usr/bin/env node
// @ts-check
'use strict';

const { EXIT, Failure } = require('../cli/failure.js');
const { checkNodeVersion } = require('../cli/setup/node_side.js');
const { ROOT, ensureNodePackages, exclusively } = require('../cli/setup/setup.js');
const { Steps } = require('../cli/setup/steps.js');

function hasCommander() {
  try {
    return Boolean(require.resolve('commander', { paths: [ROOT] }));
  } catch {
    return false;
  }
}

/**
 * `fluorite-memory setup` in a fresh clone, where the command line's own packages are not installed yet.
 * @param {string[]} args
 */
async function setupClone(args) {
  checkNodeVersion();
  if (!hasCommander()) {
    const steps = new Steps(1, { quiet: args.includes('--quiet') });
    const options = { withDevelopment: args.includes('dev'), offline: args.includes('--offline') };
    await exclusively(steps, () => ensureNodePackages(steps, options));
  }
  await require('../cli/main.js').main(['setup', ...args]);
}

/** @param {any} error */
function report(error) {
  process.stderr.write(`${error instanceof Failure ? error.message : error.stack}\n`);
  process.exitCode = error.exitCode ?? EXIT.failed;
}

if (require.main === module) setupClone(process.argv.slice(2)).catch(report);

module.exports = { report, setupClone };
