// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { SetupError, runLogged } = require('./console.js');
const { filesUnder, hashInputs, readJson, writeJson } = require('./stamps.js');

const MINIMUM_NODE = [20, 17];

function checkNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  throw new SetupError(
    `Node.js ${process.versions.node} is too old.\n` +
      `  required: Node.js ${MINIMUM_NODE.join('.')} or newer\n` +
      '  remedy:   install a current Node.js, then run this command again',
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
  throw new SetupError(
    `npm ${args.join(' ')} failed (whole log: ${log}):\n${errors.join('\n') || tail}\n` +
      "  remedy: correct the cause named above (often the network or npm's registry setting),\n" +
      '          then run this command again',
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
 * @param {{root: string, state: string, python: string, note: (text: string) => void}} options `python` runs
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
      if (/^\s*CXX\(/.test(line)) note(`compiling file ${++compiled} of ${total}`);
    },
  });
  if (code !== 0 || !fs.existsSync(path.join(root, 'build', 'Release', 'fluorite.node'))) {
    const compiler =
      process.platform === 'darwin'
        ? 'xcode-select --install'
        : 'sudo apt install build-essential   (or the same for your distribution)';
    throw new SetupError(
      `The native addon could not be built (whole log: ${log}):\n${tail}\n` +
        '  required: a C++17 compiler, make and the Node.js headers\n' +
        `  remedy:   ${compiler}, then run this command again;\n` +
        '            where the Node.js headers cannot be downloaded, set npm_config_nodedir to the folder that holds include/node',
    );
  }
  writeJson(path.join(state, 'addon.json'), { hash });
}

module.exports = { addonIsCurrent, buildAddon, checkNodeVersion, installNodePackages, nodePackagesMatch };
