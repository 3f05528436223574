// @ts-check
'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { temporaryFolder } = require('./support.js');

const root = path.join(__dirname, '..');
const example = path.join(root, 'examples', 'fluorite-mcp');
const NPM = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

const execute = promisify(execFile);

/**
 * @param {string} folder
 * @param {string[]} values
 */
async function npm(folder, values) {
  const { stdout } = await execute('npm', values, { cwd: folder, timeout: 240_000 });
  return stdout;
}

/**
 * The packed package, installed beside the example. The addon comes as a release's `prebuilds/` holds it.
 * @param {any} t
 * @returns {Promise<string | undefined>} the folder; undefined without a registry or a cache to install from
 */
async function installedExample(t) {
  const folder = temporaryFolder(t);
  const [{ filename }] = JSON.parse(await npm(root, ['pack', '--json', '--pack-destination', folder]));
  const application = path.join(folder, 'application');
  fs.mkdirSync(application);
  for (const file of ['pattern_tools.js', 'main.js', 'main.mjs']) {
    fs.copyFileSync(path.join(example, file), path.join(application, file));
  }
  fs.writeFileSync(path.join(application, 'package.json'), '{"private": true}');
  try {
    await npm(application, ['install', ...NPM, path.join(folder, filename)]);
  } catch (error) {
    t.skip(`npm could not install the dependencies: ${/** @type {Error} */ (error).message.slice(-300)}`);
    return undefined;
  }
  const installed = path.join(application, 'node_modules', 'fluorite-memory-engine');
  const addon = path.join('prebuilds', `${process.platform}-${process.arch}`, 'fluorite.node');
  const built = [addon, path.join('build', 'Release', 'fluorite.node')]
    .map((file) => path.join(root, file))
    .find((file) => fs.existsSync(file));
  fs.mkdirSync(path.join(installed, path.dirname(addon)), { recursive: true });
  fs.copyFileSync(String(built), path.join(installed, addon));
  fs.symlinkSync(path.join(root, 'models'), path.join(installed, 'models'));
  return application;
}

test('the packed package is installed into an empty folder and used from CommonJS and ESM', async (t) => {
  const application = await installedExample(t);
  if (application === undefined) return;
  const templates = path.join(application, 'templates');
  fs.mkdirSync(templates);
  for (const file of ['nextjs-laravel-sanctum-spa', 'hono-jwt-auth-api', 'prisma-cursor-pagination']) {
    fs.copyFileSync(
      path.join(root, 'examples', 'spikes', `${file}.json`),
      path.join(templates, `${file}.json`),
    );
  }
  const env = {
    ...process.env,
    FLUORITE_MEMORY_PATH: path.join(application, 'memory'),
    FLUORITE_PYTHON: process.env.FLUORITE_PYTHON ?? path.join(root, '.venv', 'bin', 'python3'),
  };
  const run = async (/** @type {string[]} */ values) =>
    JSON.parse((await execute(process.execPath, values, { cwd: application, env })).stdout);
  const required = await run(['main.js', 'login form with cookies', templates]);
  assert.equal(required.learned, 3);
  assert.match(required.found[0].id, /^nextjs-laravel-sanctum-spa/);
  const imported = await run(['main.mjs', 'login form with cookies']);
  assert.equal(imported.found[0].id, required.found[0].id);
  assert.equal((await run(['main.js', 'pagination by cursor', templates])).learned, 0);
});

test('the packed package holds what it needs and nothing of its making', async (t) => {
  const folder = temporaryFolder(t);
  const [{ files }] = JSON.parse(
    await npm(root, ['pack', '--json', '--dry-run', '--pack-destination', folder]),
  );
  const names = files.map((/** @type {{path: string}} */ file) => file.path);
  for (const needed of [
    'lib/index.js',
    'lib/index.mjs',
    'types/index.d.ts',
    'mcp/server.js',
    'mcp/install.js',
  ]) {
    assert.ok(names.includes(needed), needed);
  }
  for (const name of names)
    assert.ok(!/(^|\/)(tests|benchmarks|node_modules|__pycache__)\//.test(name), name);
});
