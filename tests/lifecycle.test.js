// @ts-check
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { openBridge, run, runChild, temporaryFolder } = require('./support.js');

const ROUNDS = 3;
const ids = Array.from({ length: 2000 }, (_, index) => `chunk-${index}`);
const columns = { ids, contents: ids.map((id) => `content of ${id} `.repeat(20)) };

/** Stages at which nothing has been acknowledged, so nothing need be on disk. */
const EMPTY = /^(required only|constructed only|.*while initializing)$/;

test('a process may end at any stage of life: its exit code is kept and the data is on disk', async (t) => {
  const list = await run(process.execPath, [path.join(__dirname, 'children', 'exits.js'), '--list']);
  for (const stage of JSON.parse(list)) {
    await t.test(stage, async (t) => {
      for (let round = 0; round < ROUNDS; round++) {
        const memory_path = path.join(temporaryFolder(t), 'memory');
        const child = await runChild('exits.js', [stage, memory_path]);
        assert.equal(child.signal, null, `killed by ${child.signal}: ${child.stderr}`);
        assert.equal(child.code, stage === 'exit code of its own' ? 7 : 0, child.stderr);
        assert.equal(child.stdout, '');
        if (EMPTY.test(stage)) continue;
        const bridge = await openBridge(t, { memory_path });
        assert.equal((await bridge.getChunk('kept'))?.content, 'acknowledged');
      }
    });
  }
});

test('stdout carries only what the host wrote', async (t) => {
  const child = await runChild('speaks.js', [temporaryFolder(t)]);
  assert.equal(child.code, 0, child.stderr);
  assert.equal(child.stdout, 'first line of the host\nlast line of the host\n');
});

test('an idle bridge does not keep the process alive', async (t) => {
  const started = Date.now();
  const child = await runChild('exits.js', [
    'natural end without shutdown',
    path.join(temporaryFolder(t), 'm'),
  ]);
  assert.equal(child.code, 0, child.stderr);
  assert.ok(Date.now() - started < 20_000);
});

test('an idle bridge burns no processor time', async (t) => {
  const child = await runChild('idles.js', [temporaryFolder(t)]);
  assert.equal(child.code, 0, child.stderr);
  const milliseconds = Number(child.stdout);
  assert.ok(milliseconds < 25, `3 idle seconds took ${milliseconds} ms of processor time`);
});

test('bursts of calls from several threads at once are all answered', async (t) => {
  const child = await runChild('bursts.js', [temporaryFolder(t)], { timeout: 60_000 });
  assert.equal(child.code, 0, child.stderr);
  assert.equal(child.stdout, 'answered\n'.repeat(4));
});

test('a call is cancelled however soon behind its start', async (t) => {
  const bridge = await openBridge(t);
  for (let ticks = 0; ticks < 20; ticks++) {
    const controller = new AbortController();
    const storing = bridge.storeChunks(columns, { signal: controller.signal });
    for (let tick = 0; tick < ticks; tick++) await null;
    controller.abort();
    await assert.rejects(storing, { name: 'AbortError' }, `cancelled after ${ticks} ticks`);
  }
  assert.equal((await bridge.getMetrics()).chunks, 0);
});

test('a call that still waits for a thread can be cancelled', async (t) => {
  const bridge = await openBridge(t);
  await bridge.storeChunks(columns);
  const busy = Array.from({ length: 16 }, () => bridge.listChunks({ limit: ids.length }));
  const controller = new AbortController();
  const more = { ids: ids.map((id) => `more ${id}`), contents: columns.contents };
  const storing = bridge.storeChunks(more, { signal: controller.signal });
  setImmediate(() => controller.abort());
  await assert.rejects(storing, { name: 'AbortError' });
  for (const page of await Promise.all(busy)) assert.equal(page.chunks.length, ids.length);
  assert.equal((await bridge.getMetrics()).chunks, ids.length);
});

test('long work does not delay short calls', async (t) => {
  const bridge = await openBridge(t);
  await bridge.storeChunk({ id: 'kept', content: 'x' });
  let ended = 0;
  const long = Array.from({ length: 6 }, async (_, round) => {
    await bridge.storeChunks({ ids: ids.map((id) => `${round} ${id}`), contents: columns.contents });
    ended++;
  });
  for (let call = 0; call < 20; call++) {
    await bridge.ping();
    assert.equal((await bridge.getChunk('kept'))?.content, 'x');
  }
  assert.ok(ended < long.length, 'forty short calls took as long as six long ones');
  await Promise.all(long);
});

test('a short call overtakes a longer one that came before it', async (t) => {
  const bridge = await openBridge(t);
  await bridge.ping();
  for (let round = 0; round < 4; round++) {
    await bridge.storeChunks({ ids: ids.map((id) => `${round} ${id}`), contents: columns.contents });
  }
  let overtook = 0;
  for (let round = 0; round < 10; round++) {
    let short = false;
    const longer = bridge.listChunks({ limit: 4 * ids.length }).then(() => {
      if (short) overtook++;
    });
    await bridge.ping();
    short = true;
    await longer;
  }
  // On a busy machine the second thread may be slow to start.
  assert.ok(overtook > 0, 'every short call waited for the longer one');
});
