// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { FluoriteBridge } = require('fluorite-memory-engine');
const { runChild, temporaryFolder } = require('./support.js');

/**
 * Sets environment variables until the test ends.
 * @param {{after: (work: () => void) => void}} test
 * @param {Record<string, string>} variables
 */
function withEnvironment(test, variables) {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  test.after(() => {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
}

test('a memory opens without options where the environment names it, even if Python runs by then', async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(new FluoriteBridge().initialize({}), { code: 'INVALID_ARGUMENT' });
  withEnvironment(t, { FLUORITE_MEMORY_PATH: path.join(folder, 'memory'), FLUORITE_ENABLE_ML: 'false' });
  const bridge = new FluoriteBridge();
  t.after(() => bridge.shutdown());
  await bridge.initialize({});
  await bridge.storeChunk({ id: 'a', content: 'x' });
  assert.equal((await bridge.getMetrics()).embedding.enabled, false);
  assert.ok(fs.existsSync(path.join(folder, 'memory', 'chunks')));
});

test('a fluorite.toml in the working folder is found, and its paths count from there', async (t) => {
  const folder = temporaryFolder(t);
  const text = "[memory]\nmemory_path = 'kept'\n[ml]\nenable_ml = false\n";
  fs.writeFileSync(path.join(folder, 'fluorite.toml'), text);
  const { code, stdout, stderr } = await runChild('configured.js', [folder], {
    env: { FLUORITE_CONFIG_PATH: undefined },
  });
  assert.equal(code, 0, stderr);
  const real = fs.realpathSync(folder);
  assert.deepEqual(JSON.parse(stdout)['memory.memory_path'], [
    path.join(real, 'kept'),
    `${real}/fluorite.toml:2`,
  ]);
  assert.ok(fs.existsSync(path.join(folder, 'kept', 'chunks')));
});

test('the configuration tells every value and its origin, and opens nothing', async (t) => {
  const folder = temporaryFolder(t);
  withEnvironment(t, { FLUORITE_BATCH_SIZE: '7' });
  const memory_path = path.join(folder, 'memory');
  const values = await FluoriteBridge.getConfiguration({ memory_path, cache_size_mb: 9 });
  const found = Object.fromEntries(values.map(({ key, value, origin }) => [key, [value, origin]]));
  assert.deepEqual(found['memory.memory_path'], [memory_path, 'option']);
  assert.deepEqual(found['memory.cache_size_mb'], [9, 'option']);
  assert.deepEqual(found['learning.batch_size'], [7, 'environment']);
  assert.deepEqual(found['ml.precision'], ['int8', 'default']);
  assert.equal(fs.existsSync(memory_path), false);
  await assert.rejects(FluoriteBridge.getConfiguration(/** @type {any} */ ({ cache_size: 1 })), {
    code: 'UNKNOWN_OPTION',
    message: /cache_size_mb/,
  });
});

test('the commented file is one that initialize takes', async (t) => {
  const config_path = path.join(temporaryFolder(t), 'fluorite.toml');
  const fromFile = async () =>
    (await FluoriteBridge.getConfiguration({ config_path })).filter(({ origin }) => origin === 'file');
  const text = await FluoriteBridge.configurationTemplate();
  fs.writeFileSync(config_path, text);
  assert.deepEqual(await fromFile(), []);
  fs.writeFileSync(config_path, text.replace('# memory_path', 'memory_path'));
  const [changed, ...others] = await fromFile();
  assert.equal(others.length, 0);
  assert.equal(changed.key, 'memory.memory_path');
  assert.equal(changed.value, path.join(path.dirname(config_path), 'memory'));
  const line = text.split('\n').findIndex((one) => one.startsWith('# memory_path')) + 1;
  assert.equal(changed.source, `${config_path}:${line}`);
});

test('no test touches the history, logs or configuration of whoever runs it', () => {
  const files = fs.readdirSync(__dirname).filter((file) => file.endsWith('.test.js'));
  for (const file of files) {
    const text = fs.readFileSync(path.join(__dirname, file), 'utf8');
    assert.match(text, /require\('\.\/(support|isolate)\.js'\)/, file);
  }
});
