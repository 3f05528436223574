// @ts-check
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { openBridge, quantile, runChild, temporaryFolder } = require('./support.js');

const MEGABYTE = 1_000_000;

test('big buffers cross the door in both directions at the same address', async (t) => {
  const bridge = await openBridge(t);
  for (const size of [100_000, MEGABYTE, 50 * MEGABYTE]) {
    const send = new Uint8Array(size);
    const answer = await bridge.ping({ send, receive_bytes: size });
    assert.equal(answer.sent_address, answer.sent_address_in_python);
    assert.equal(answer.received_address, answer.received_address_in_python);
    assert.equal(answer.received.length, size);
    answer.received[size - 1] = 7;
  }
});

test('a view into the middle of a buffer is read where it lies', async (t) => {
  const bridge = await openBridge(t);
  const whole = new Uint8Array(300_000);
  const answer = await bridge.ping({ send: whole.subarray(100_001, 250_000) });
  assert.equal(answer.sent_address, answer.sent_address_in_python);
});

test('passing 200 MB costs no more than three times what 1 MB does', async (t) => {
  const bridge = await openBridge(t);
  const buffers = [new Uint8Array(MEGABYTE), new Uint8Array(200 * MEGABYTE)];
  /** @type {number[][]} */
  const times = [[], []];
  for (let round = 0; round < 300; round++) {
    for (const [which, send] of buffers.entries()) {
      const started = performance.now();
      await bridge.ping({ send });
      times[which].push(performance.now() - started);
    }
  }
  const [small, large] = times.map((each) => quantile(each.slice(50), 0.5));
  assert.ok(large < 3 * small, `1 MB took ${small.toFixed(3)} ms, 200 MB ${large.toFixed(3)} ms`);
});

test('a buffer in use cannot be transferred away under Python', async (t) => {
  const bridge = await openBridge(t);
  const vectors = new Float32Array(500 * 384).fill(0.25);
  const ids = Array.from({ length: 500 }, (_, index) => `v${index}`);
  const storing = bridge.storeChunks({ ids, contents: ids, embeddings: vectors });
  await new Promise((resolve) => setImmediate(resolve));
  for (const take of [
    () => structuredClone(vectors, { transfer: [vectors.buffer] }),
    () => /** @type {any} */ (vectors.buffer).transfer?.(),
    () => new MessageChannel().port1.postMessage(vectors, [vectors.buffer]),
  ]) {
    try {
      take();
    } catch (error) {
      assert.match(String(error), /transfer|clone|Transfer|Clone/);
    }
    assert.equal(vectors.length, 500 * 384, 'the buffer was taken away');
  }
  assert.equal((await storing).stored, 500);
});

test('10,000 calls and 1,000 buffers leave no memory behind', async (t) => {
  const child = await runChild('grows.js', [temporaryFolder(t)], { execArgv: ['--expose-gc'] });
  assert.equal(child.code, 0, child.stderr);
  const { calls, buffers } = JSON.parse(child.stdout);
  assert.ok(calls < 24 * MEGABYTE, `10,000 calls grew the process by ${calls} bytes`);
  assert.ok(buffers < 24 * MEGABYTE, `1,000 buffers of 1 MB grew the process by ${buffers} bytes`);
});
