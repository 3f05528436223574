// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { openBridge, runChild, temporaryFolder } = require('./support.js');

/** @param {string} folder @param {string} name @param {string} [description] */
function writeTemplate(folder, name, description = 'Replies to posted events.') {
  const template = 'export const handler = async (event) => reply(parse(event.body), { status: 201 });';
  const value = { id: name, stack: ['hono'], description, files: [{ path: 'src/handler.ts', template }] };
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(value));
}

/**
 * A bridge that watches a folder of one template, past its first run; `next` resolves to the next report,
 * `nextError` to the next error.
 * @param {any} t
 */
async function watching(t) {
  const folder = path.join(temporaryFolder(t), 'spikes');
  writeTemplate(folder, 'first');
  const bridge = await openBridge(t, { spike_templates_path: folder });
  /** @type {any[]} */
  const reports = [];
  /** @type {any[]} */
  const errors = [];
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  /** @type {() => void} */
  let wake = () => {};
  const keep = (/** @type {any[]} */ list) => (/** @type {any} */ value) => {
    list.push(value);
    wake();
  };
  const watcher = await bridge.watchSpikes({ onReport: keep(reports), onError: keep(errors) });
  const from = (/** @type {any[]} */ list) => async () => {
    while (list.length === 0) {
      await new Promise((resolve) => {
        wake = () => resolve(undefined);
      });
    }
    return list.shift();
  };
  const [next, nextError] = [from(reports), from(errors)];
  assert.equal((await next()).new, 1);
  return { bridge, folder, watcher, next, nextError, reports, errors };
}

/** The next report that tells of a change. @param {() => Promise<any>} next */
async function nextChange(next) {
  for (;;) {
    const report = await next();
    if (report.new + report.changed + report.removed > 0) return report;
  }
}

test('an edit, a new file and a removed one are learned within two seconds, and nothing else', async (t) => {
  const { bridge, folder, watcher, next } = await watching(t);
  assert.equal(watcher.path, folder);
  const started = performance.now();
  writeTemplate(folder, 'first', 'Now says something else.');
  const edited = await nextChange(next);
  assert.ok(performance.now() - started < 2000);
  assert.deepEqual([edited.processed, edited.changed, edited.new], [1, 1, 0]);
  assert.match(String((await bridge.getChunk('first'))?.content), /something else/);
  writeTemplate(folder, 'second');
  assert.equal((await nextChange(next)).new, 1);
  fs.rmSync(path.join(folder, 'second.json'));
  assert.equal((await nextChange(next)).removed, 1);
  assert.equal(await bridge.getChunk('second'), null);
});

test('folders that are made, filled and removed meanwhile are followed', async (t) => {
  const { bridge, folder, next } = await watching(t);
  writeTemplate(path.join(folder, 'deep', 'deeper'), 'nested');
  assert.equal((await nextChange(next)).new, 1);
  writeTemplate(path.join(folder, 'deep', 'deeper'), 'nested', 'Edited far below.');
  assert.equal((await nextChange(next)).changed, 1);
  fs.rmSync(path.join(folder, 'deep'), { recursive: true });
  assert.equal((await nextChange(next)).removed, 1);
  writeTemplate(path.join(folder, 'deep', 'deeper'), 'again');
  assert.equal((await nextChange(next)).new, 1);
  assert.notEqual(await bridge.getChunk('again'), null);
});

test('many edits in a row are few runs, and the last one counts', async (t) => {
  const { bridge, folder, next, reports } = await watching(t);
  for (let count = 0; count < 40; count++) writeTemplate(folder, `many-${count}`, `Version ${count}.`);
  writeTemplate(folder, 'first', 'The last word.');
  let seen = 0;
  let runs = 0;
  while (seen < 41) {
    const report = await nextChange(next);
    seen += report.new + report.changed;
    runs++;
  }
  assert.ok(runs <= 3 && reports.length === 0, `${runs} runs`);
  assert.match(String((await bridge.getChunk('first'))?.content), /last word/);
});

test('a folder that vanishes takes nothing along, and is learned again when it is back', async (t) => {
  const { bridge, folder, next, nextError } = await watching(t);
  for (const aside of [`${folder}-aside`, `${folder}-again`]) {
    fs.renameSync(folder, aside);
    assert.equal((await nextError()).code, 'PATH_NOT_FOUND');
    assert.notEqual(await bridge.getChunk('first'), null);
    fs.cpSync(aside, folder, { recursive: true });
    writeTemplate(folder, path.basename(aside));
    assert.equal((await nextChange(next)).new, 1);
    writeTemplate(folder, path.basename(aside), 'Edited after the return.');
    assert.equal((await nextChange(next)).changed, 1);
  }
});

test('nothing is learned after close or shutdown, and both may be called again', async (t) => {
  const { bridge, folder, watcher, reports, errors } = await watching(t);
  await Promise.all([watcher.close(), watcher.close()]);
  writeTemplate(folder, 'late');
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.equal(await bridge.getChunk('late'), null);
  const again = await bridge.watchSpikes({ path: folder });
  writeTemplate(folder, 'later');
  await bridge.shutdown();
  await again.close();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual([reports, errors], [[], []]);
});

test('a watcher does not keep a process or a worker', async (t) => {
  const folder = temporaryFolder(t);
  writeTemplate(path.join(folder, 'spikes'), 'first');
  for (const place of ['process', 'worker']) {
    const ended = await runChild('watch.js', [folder, place], { timeout: 30_000 });
    assert.deepEqual([ended.code, ended.stdout, ended.stderr], [0, 'learned 1\n', ''], place);
  }
});

test('a folder that is not there, and callbacks that are none, are refused', async (t) => {
  const bridge = await openBridge(t);
  await assert.rejects(bridge.watchSpikes(), {
    code: 'INVALID_ARGUMENT',
    message: /watchSpikes needs a folder/,
  });
  await assert.rejects(bridge.watchSpikes({ path: '/no/such/folder' }), { code: 'PATH_NOT_FOUND' });
  const path = temporaryFolder(t);
  await assert.rejects(bridge.watchSpikes(/** @type {any} */ ({ path, onReport: 3 })), {
    code: 'INVALID_ARGUMENT',
    message: /onReport/,
  });
  await assert.rejects(bridge.watchSpikes(/** @type {any} */ ({ path, onReprot() {} })), {
    code: 'UNKNOWN_OPTION',
  });
});
