// @ts-check
'use strict';

const fs = require('node:fs/promises');
const path = require('node:path');
const { FluoriteError } = require('../lib/index.js');
const { ASSISTANTS, thisPlace } = require('./clients.js');
const { withJsonEntry, withTomlEntry } = require('./configuration_text.js');

const MAIN = path.join(__dirname, '..', 'cli', 'main.js');

/**
 * @typedef {object} InstallOptions
 * @property {string[]} [clients] names of assistants; default: those that are on this machine
 * @property {string} [project] folder: write its files, which a team shares, instead of the user's
 * @property {string} [memory_path] default: what `fluorite-memory serve --mcp` takes without one
 * @property {string} [config_path] TOML file that the server reads
 * @property {string} [server_name] default: 'fluorite-memory'
 * @property {boolean} [dry_run] default: false
 * @property {Partial<import('./clients.js').Place>} [place] default: this machine and user
 */

/**
 * @typedef {object} Installed
 * @property {string} client
 * @property {string} title
 * @property {string} path
 * @property {boolean} changed whether the file differs, or with `dry_run` would
 * @property {string} diff unified; empty without a change
 * @property {string | null} backup where the file as it was is kept; null without a change or a file
 */

/**
 * Adds this server to the configuration of assistants, or brings its entry up to date; other entries,
 * comments and formatting stay. Every file is read and checked before the first is written.
 * @param {InstallOptions} [options]
 * @returns {Promise<Installed[]>} rejects with a FluoriteError that names the file; nothing is written then
 */
async function install(options = {}) {
  const place = thisPlace(options.place);
  const chosen = await chosenAssistants(options.clients, options.project, place);
  const plans = await Promise.all(chosen.map((assistant) => planned(assistant, options, place)));
  const installed = [];
  // A user's file may hold keys of other servers; a project's is for its team.
  const mode = options.project === undefined ? 0o600 : 0o644;
  for (const { before, after, ...plan } of plans) {
    const writes = plan.changed && options.dry_run !== true;
    installed.push({ ...plan, backup: writes ? await written(plan.path, before, after, mode) : null });
  }
  return installed;
}

/**
 * The assistants there are, with the file of each and whether it is on this machine.
 * @param {Partial<import('./clients.js').Place>} [given]
 * @returns {Promise<{client: string, title: string, path: string, found: boolean}[]>}
 */
async function assistants(given) {
  const place = thisPlace(given);
  return await Promise.all(
    ASSISTANTS.map(async (assistant) => {
      const file = assistant.file(place);
      const [own, folder] = await Promise.all([exists(file), exists(path.dirname(file))]);
      // The folder of ~/.claude.json is every user's home.
      const found = own || (folder && path.dirname(file) !== place.home);
      return { client: assistant.name, title: assistant.title, path: file, found };
    }),
  );
}

/**
 * @param {string[] | undefined} names
 * @param {string | undefined} project
 * @param {import('./clients.js').Place} place
 */
async function chosenAssistants(names, project, place) {
  const known = ASSISTANTS.map((assistant) => assistant.name);
  const found = (await assistants(place)).filter((one) => one.found).map((one) => one.client);
  const shared = ASSISTANTS.filter((one) => one.project !== undefined).map((one) => one.name);
  const wanted = names ?? found.filter((name) => project === undefined || shared.includes(name));
  if (wanted.length === 0) {
    throw new FluoriteError(
      'INVALID_ARGUMENT',
      `Found no assistant on this machine. Name one: ${known.join(', ')}.`,
    );
  }
  return wanted.map((name) => {
    const assistant = ASSISTANTS.find((one) => one.name === name);
    if (assistant === undefined) {
      throw new FluoriteError(
        'INVALID_ARGUMENT',
        `There is no assistant '${name}'. Name one of ${known.join(', ')}.`,
      );
    }
    if (project !== undefined && assistant.project === undefined) {
      throw new FluoriteError(
        'INVALID_ARGUMENT',
        `${assistant.title} has no configuration of a project. Leave project out.`,
      );
    }
    return assistant;
  });
}

/**
 * @param {import('./clients.js').Assistant} assistant
 * @param {InstallOptions} options
 * @param {import('./clients.js').Place} place
 */
async function planned(assistant, options, place) {
  const { createPatch } = require('diff');
  const file =
    options.project === undefined
      ? assistant.file(place)
      : path.resolve(options.project, /** @type {string} */ (assistant.project));
  const before = await contentOf(file);
  const edit = assistant.format === 'toml' ? withTomlEntry : withJsonEntry;
  const at = [assistant.section, options.server_name ?? 'fluorite-memory'];
  let after;
  try {
    after = edit(before ?? '', at, { ...assistant.fixed, ...serverEntry(options) });
  } catch (error) {
    if (!(error instanceof FluoriteError)) throw error;
    throw new FluoriteError(/** @type {any} */ (error).code, `${file}: ${error.message}`);
  }
  const changed = before !== after;
  const diff = changed ? createPatch(file, before ?? '', after, '', '', { context: 3 }) : '';
  return { client: assistant.name, title: assistant.title, path: file, changed, diff, before, after };
}

/**
 * The entry for any assistant. Its paths are absolute, because an assistant that was not started from a shell
 * has another PATH.
 * @param {Pick<InstallOptions, 'memory_path' | 'config_path' | 'place'>} [options]
 * @returns {{command: string, args: string[], env?: Record<string, string>}}
 */
function serverEntry({ memory_path, config_path, place } = {}) {
  const { environment } = thisPlace(place);
  const args = [MAIN, 'serve', '--mcp'];
  if (memory_path !== undefined) args.push('--memory', path.resolve(memory_path));
  if (config_path !== undefined) args.push('--config', path.resolve(config_path));
  const { FLUORITE_PYTHON } = environment;
  return { command: process.execPath, args, ...(FLUORITE_PYTHON && { env: { FLUORITE_PYTHON } }) };
}

/**
 * Replaces the file as a whole, so that nobody reads half of it.
 * @param {string} file
 * @param {string | null} before
 * @param {string} after
 * @param {number} newMode
 * @returns {Promise<string | null>} the backup
 */
async function written(file, before, after, newMode) {
  await fs.mkdir(path.dirname(file), { recursive: true });
  const target = before === null ? file : await fs.realpath(file);
  const temporary = `${target}.${process.pid}.tmp`;
  const backup = before === null ? null : await freeName(`${target}.backup`);
  if (backup !== null) await fs.copyFile(target, backup, fs.constants.COPYFILE_EXCL);
  try {
    const mode = before === null ? newMode : (await fs.stat(target)).mode;
    await fs.writeFile(temporary, after, { mode });
    await fs.chmod(temporary, mode);
    await fs.rename(temporary, target);
  } finally {
    await fs.rm(temporary, { force: true });
  }
  return backup;
}

/** @param {string} name */
async function freeName(name) {
  if (!(await exists(name))) return name;
  for (let number = 2; ; number++) {
    if (!(await exists(`${name}-${number}`))) return `${name}-${number}`;
  }
}

/** @param {string} file @returns {Promise<string | null>} */
async function contentOf(file) {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT') return null;
    throw new FluoriteError('STORE_ERROR', `${file} cannot be read: ${message}`);
  }
}

/** @param {string} file */
async function exists(file) {
  return await fs.access(file).then(
    () => true,
    () => false,
  );
}

module.exports = { assistants, install, serverEntry };
