// @ts-check
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { say } = require('../language.js');
const { objection, onPath, probe } = require('../setup/interpreters.js');
const node = require('../setup/node_side.js');
const { installerCommand } = require('../setup/python_side.js');
const { ROOT, STATE } = require('../setup/setup.js');

const SETUP = 'fluorite-memory setup';
const run = promisify(execFile);

/**
 * @typedef {import('./check.js').Check} Check
 * @typedef {import('./check.js').Finding} Finding
 */

/** @returns {Finding} */
function checkNode() {
  const required = node.MINIMUM_NODE.join('.');
  return node.nodeIsRecent()
    ? { detail: `Node.js ${process.versions.node}` }
    : {
        problem: say('doctor.node_old', { version: process.versions.node, required }),
        remedy: say('doctor.install_node', { required }),
      };
}

/** @returns {Finding} */
function checkAddon() {
  return node.nodePackagesMatch(ROOT, false) && node.addonIsCurrent(ROOT, STATE)
    ? { detail: `${process.platform}-${process.arch}` }
    : { problem: say('doctor.addon_missing'), remedy: SETUP };
}

/** The interpreter that a bridge would choose. */
function program() {
  const own = path.join(ROOT, '.venv', 'bin', 'python3');
  return process.env.FLUORITE_PYTHON || (fs.existsSync(own) ? own : (onPath('python3') ?? 'python3'));
}

/** An interpreter that was named is also what set-up would use. */
const mending = () => (process.env.FLUORITE_PYTHON ? `unset FLUORITE_PYTHON; ${SETUP}` : SETUP);

/** @returns {Finding} */
function checkPython() {
  const found = probe(program());
  // A library of its own is the next line's matter, and venv only that of set-up.
  const reason = objection(found && { ...found, library: found.library ?? '-', venv: true });
  return reason
    ? { problem: `${program()}: ${reason}`, remedy: mending() }
    : { detail: `CPython ${found?.version.join('.')}, ${program()}` };
}

/** @returns {Finding} */
function checkLibrary() {
  const library = probe(program())?.library;
  return library
    ? { detail: library }
    : { problem: say('doctor.no_library', { program: program() }), remedy: mending() };
}

/** @returns {Promise<Finding>} */
async function checkPackages() {
  const { stdout } = await run(program(), [...installerCommand({ root: ROOT, extras: [] }), '--check']);
  /** @type {{requirement: string, installed: string | null}[]} */
  const unmet = JSON.parse(stdout);
  if (unmet.length === 0) return { detail: say('doctor.packages_fit') };
  const names = unmet.map(({ requirement, installed }) =>
    installed ? `${requirement} (${installed})` : requirement,
  );
  return { problem: say('doctor.packages_missing', { names: names.join(', ') }), remedy: SETUP };
}

/** @type {Check[]} */
const INSTALLATION = [
  { name: 'node', work: checkNode },
  { name: 'addon', work: checkAddon },
  { name: 'python', work: checkPython },
  { name: 'libpython', needs: ['python'], work: checkLibrary },
  { name: 'packages', needs: ['python'], work: checkPackages },
];

module.exports = { INSTALLATION };
