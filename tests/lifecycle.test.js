// @ts-check
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { openBridge, run, runChild, temporaryFolder } = require('./support.js');

const ROUNDS = 3;

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
