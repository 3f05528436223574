// @ts-check
'use strict';

const path = require('node:path');
const { say } = require('../language.js');
const { suitableInterpreters } = require('./interpreters.js');
const node = require('./node_side.js');
const python = require('./python_side.js');
const { withLock } = require('./stamps.js');
const { Steps } = require('./steps.js');

const ROOT = path.join(__dirname, '..', '..');
const STATE = path.join(ROOT, '.fluorite');

/**
 * @typedef {object} SetupOptions
 * @property {string} [python]
 * @property {string} [venv]
 * @property {boolean} [serveOnly]
 * @property {string[]} [with] further extras of python/pyproject.toml
 * @property {boolean} [offline]
 * @property {string} [wheels]
 * @property {boolean} [quiet]
 */

/** @param {SetupOptions} options */
function wantedOf(options) {
  return {
    requested: options.python ?? process.env.FLUORITE_PYTHON,
    venv: path.resolve(options.venv ?? path.join(ROOT, '.venv')),
    extras: [...(options.serveOnly ? [] : ['export']), ...(options.with ?? [])],
  };
}

/** @param {string} venv */
const logOf = (venv) => path.join(STATE, `${path.basename(venv).replace(/^\./, '')}.log`);

/**
 * @param {Steps} steps
 * @param {string} title
 * @param {boolean} current
 * @param {(note: import('./steps.js').Note) => Promise<void>} work
 */
async function ensure(steps, title, current, work) {
  if (current) steps.skip(title);
  else await steps.step(title, work);
}

/**
 * The Python half alone: a virtual environment with the base requirements and `extras`.
 * @param {Steps} steps
 * @param {{title: string, venv: string, python?: string, extras: string[], offline?: boolean, wheels?: string}} options
 */
async function ensureEnvironment(steps, { title, ...options }) {
  const wanted = { root: ROOT, ...options };
  await ensure(steps, title, python.environmentIsCurrent(wanted), (note) =>
    python.prepareEnvironment({
      ...wanted,
      log: logOf(options.venv),
      note,
      onPlan: (downloads) => steps.print(python.describePlan(downloads)),
    }),
  );
}

/**
 * The dependencies in node_modules, where package-lock.json says what they are.
 * @param {Steps} steps
 * @param {{withDevelopment: boolean, offline: boolean}} options
 */
async function ensureNodePackages(steps, { withDevelopment, offline }) {
  await ensure(steps, say('setup.node_packages'), node.nodePackagesMatch(ROOT, withDevelopment), () =>
    node.installNodePackages({ root: ROOT, state: STATE, withDevelopment, offline }),
  );
}

/**
 * @param {SetupOptions} [options]
 * @returns {Promise<{venv: string, program: string, changed: boolean}>} the environment made; rejects with a
 *   Failure that names the remedy
 */
async function setup(options = {}) {
  const { serveOnly = false, offline = false, wheels, quiet } = options;
  const { requested, venv, extras } = wantedOf(options);
  const steps = new Steps(serveOnly ? 3 : 4, { quiet });
  node.checkNodeVersion();
  await exclusively(steps, async () => {
    await ensureNodePackages(steps, { withDevelopment: extras.includes('dev'), offline });
    await ensure(steps, say('setup.addon'), node.addonIsCurrent(ROOT, STATE), async (note) => {
      const [interpreter] = suitableInterpreters(requested ? [requested] : undefined);
      await node.buildAddon({ root: ROOT, state: STATE, python: interpreter.program, note });
    });
    const title = say('setup.environment');
    await ensureEnvironment(steps, { title, venv, python: requested, extras, offline, wheels });
    if (!serveOnly) {
      await ensure(steps, say('setup.model'), python.modelIsCurrent(ROOT, STATE), (note) =>
        python.exportModel({ root: ROOT, state: STATE, venv, note }),
      );
    }
  });
  steps.finish();
  return { venv, program: python.environmentProgram(venv), changed: steps.worked };
}

/**
 * What `setup` would do, and what it would fetch; nothing is changed.
 * @param {SetupOptions} [options]
 */
async function planSetup(options = {}) {
  const { serveOnly = false, offline, wheels, quiet } = options;
  const { requested, venv, extras } = wantedOf(options);
  const wanted = { root: ROOT, venv, python: requested, extras, offline, wheels };
  node.checkNodeVersion();
  const steps = new Steps(1, { quiet });
  const ready = {
    node_packages: node.nodePackagesMatch(ROOT, extras.includes('dev')),
    addon: node.addonIsCurrent(ROOT, STATE),
    environment: python.environmentIsCurrent(wanted),
    model: serveOnly || python.modelIsCurrent(ROOT, STATE),
  };
  const downloads = ready.environment
    ? []
    : await steps.step(say('setup.plan'), (note) =>
        python.planEnvironment({ ...wanted, log: logOf(`${venv}-plan`), note }),
      );
  return { venv, ready, downloads };
}

/**
 * @template T
 * @param {Steps} steps
 * @param {() => Promise<T>} work
 */
function exclusively(steps, work) {
  const waiting = (/** @type {number} */ pid) => steps.print(say('setup.waiting', { pid }));
  return withLock(path.join(STATE, 'lock'), waiting, work);
}

module.exports = {
  ROOT,
  STATE,
  ensureEnvironment,
  ensureNodePackages,
  exclusively,
  planSetup,
  setup,
};
