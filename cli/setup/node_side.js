// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Failure } = require('../failure.js');
const { say } = require('../language.js');
const { runLogged } = require('./run_logged.js');
const { filesUnder, hashInputs, readJson, writeJson } = require('./stamps.js');

const MINIMUM_NODE = [20, 17];

function nodeIsRecent() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
}

function checkNodeVersion() {
  if (nodeIsRecent()) return;
  throw new Failure(
    say('node.too_old', { version: process.versions.node, required: MINIMUM_NODE.join('.') }),
  );
}

/**
 * Whether node_modules holds what package-lock.json names. An installed copy of this package carries no lock
 * file: there npm has already placed the dependencies.
 * @param {string} root
 * @param {boolean} withDevelopment
 */
function nodePackagesMatch(root, withDevelopment) {
  const wanted = readJson(path.join(root, 'package-lock.json'));
  if (!wanted) return true;
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'));
  if (!installed) return false;
  return Object.entries(wanted.packages).every(
    ([location, entry]) =>
      location === '' ||
      entry.optional ||
      (entry.dev && !withDevelopment) ||
      installed.packages[location]?.version === entry.version,
  );
}

/**
 * @param {{root: string, state: string, withDevelopment: boolean, offline: boolean}} options
 */
async function installNodePackages({ root, state, withDevelopment, offline }) {
  const log = path.join(state, 'npm.log');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  args.push(withDevelopment ? '--include=dev' : '--omit=dev');
  if (offline) args.push('--offline');
  /** @type {string[]} */
  const errors = [];
  const { code, tail } = await runLogged('npm', args, {
    cwd: root,
    log,
    // npm states the cause first and appends its usage.
    onLine: (line) => {
      if (/^npm error\s+\S/.test(line) && errors.length < 12) errors.push(line);
    },
  });
  if (code === 0) return;
  throw new Failure(
    say('node.packages_failed', { command: args.join(' '), log, output: errors.join('\n') || tail }),
  );
}

/** @param {string} root */
function prebuiltAddon(root) {
  return path.join(root, 'prebuilds', `${process.platform}-${process.arch}`, 'fluorite.node');
}

/** @param {string} root */
function addonHash(root) {
  const sources = [...filesUnder(path.join(root, 'addon'), /\.(cc|h)$/), path.join(root, 'binding.gyp')];
  const headers = require(require.resolve('node-addon-api/package.json', { paths: [root] })).version;
  return hashInputs(root, sources, [process.platform, process.arch, headers]);
}

/**
 * @param {string} root
 * @param {string} state
 */
function addonIsCurrent(root, state) {
  if (fs.existsSync(prebuiltAddon(root))) return true;
  if (!fs.existsSync(path.join(root, 'build', 'Release', 'fluorite.node'))) return false;
  return readJson(path.join(state, 'addon.json'))?.hash === addonHash(root);
}

/**
 * The folder that holds this Node's own include/node, so that nothing need be downloaded.
 * @returns {string | null}
 */
function nodeHeaders() {
  const prefix = path.resolve(fs.realpathSync(process.execPath), '..', '..');
  try {
    const header = fs.readFileSync(path.join(prefix, 'include', 'node', 'node_version.h'), 'utf8');
    const version = ['MAJOR', 'MINOR', 'PATCH'].map(
      (part) => header.match(new RegExp(`#define NODE_${part}_VERSION (\\d+)`))?.[1],
    );
    return version.join('.') === process.versions.node ? prefix : null;
  } catch {
    return null;
  }
}

/**
 * @param {{root: string, state: string, python: string, note: import('./steps.js').Note}} options `python` runs
 *   node-gyp; the addon itself is bound to no particular Python
 */
async function buildAddon({ root, state, python, note }) {
  const hash = addonHash(root);
  const log = path.join(state, 'addon.log');
  const gyp = require.resolve('node-gyp/bin/node-gyp.js', { paths: [root] });
  const args = [gyp, 'rebuild', '--jobs', 'max', '--python', python];
  const headers = process.env.npm_config_nodedir ?? nodeHeaders();
  if (headers) args.push('--nodedir', headers);
  const total = filesUnder(path.join(root, 'addon'), /\.cc$/).length;
  let compiled = 0;
  const { code, tail } = await runLogged(process.execPath, args, {
    cwd: root,
    log,
    onLine: (line) => {
      if (!/^\s*CXX\(/.test(line)) return;
      compiled += 1;
      note(say('addon.compiling', { done: compiled, total }), compiled, total);
    },
  });
  if (code !== 0 || !fs.existsSync(path.join(root, 'build', 'Release', 'fluorite.node'))) {
    const compiler =
      process.platform === 'darwin' ? 'xcode-select --install' : 'sudo apt install build-essential';
    throw new Failure(say('addon.failed', { log, output: tail, compiler }));
  }
  writeJson(path.join(state, 'addon.json'), { hash });
}

module.exports = {
  MINIMUM_NODE,
  addonIsCurrent,
  buildAddon,
  checkNodeVersion,
  installNodePackages,
  nodeIsRecent,
  nodePackagesMatch,
};
