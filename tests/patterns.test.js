// @ts-check
'use strict';

require('./isolate.js');
const assert = require('node:assert/strict');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { FluoriteBridge } = require('fluorite-memory-engine');
const fs = require('node:fs');
const os = require('node:os');

const spikes = path.join(__dirname, '..', 'examples', 'spikes');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-test-'));
const bridge = new FluoriteBridge();

before(async () => {
  await bridge.initialize({ memory_path: path.join(folder, 'memory'), spike_templates_path: spikes });
  await bridge.learnFromSpikes();
});

after(async () => {
  await bridge.shutdown();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('relationships of a framework are found however it is written, with evidence that exists', async () => {
  const found = await bridge.getFrameworkRelationships({ framework: 'Next.js', limit: 10 });
  assert.ok(found.length > 0);
  assert.ok(found.every((one, n) => n === 0 || found[n - 1].pmi_lower >= one.pmi_lower));
  for (const one of found) {
    assert.equal(one.framework, found[0].framework);
    assert.ok(one.confidence >= one.confidence_interval[0] && one.confidence <= one.confidence_interval[1]);
    assert.ok((await bridge.getChunks(one.evidence_ids)).every((chunk) => chunk !== null));
  }
  assert.deepEqual(await bridge.getFrameworkRelationships({ framework: 'nextjs', limit: 10 }), found);
  assert.deepEqual(await bridge.getFrameworkRelationships({ framework: 'no such thing' }), []);
});

test('the frameworks of a memory are counted by pattern, the most frequent first', async () => {
  const found = await bridge.getFrameworks({ limit: 5 });
  assert.equal(found.length, 5);
  assert.ok(found.every((one, n) => n === 0 || found[n - 1].count >= one.count));
  const all = await bridge.getFrameworks();
  assert.deepEqual(all.slice(0, 5), found);
  assert.ok(all.some(({ framework }) => framework === 'laravel'));
  await assert.rejects(bridge.getFrameworks({ limit: 0 }), { code: 'INVALID_ARGUMENT', message: /limit/ });
});

test('a combination is answered with what shows it, what each piece brings and what is unknown', async () => {
  const found = await bridge.getIntegrationPatterns(['Next.js', 'Laravel', 'no-such-thing']);
  assert.deepEqual(found.unknown, ['no-such-thing']);
  assert.notEqual(found.coverage, 'none');
  assert.ok(found.contributions.some(({ framework }) => framework === 'laravel'));
  assert.ok((await bridge.getChunks(found.evidence_ids)).every((chunk) => chunk !== null));
  const original = await bridge.getNextjsLaravelPatterns();
  assert.deepEqual(original.frameworks, ['nextjs', 'laravel']);
});

test('clusters have a label, exemplars that exist, and ids that stay when the memory grows', async () => {
  const found = await bridge.getPatternClusters({ limit: 100 });
  assert.ok(found.length > 1);
  for (const { label, size, distinct, coherence, exemplars } of found) {
    assert.ok(label.length > 0 && size >= distinct && distinct > 0 && coherence > 0 && coherence <= 1.001);
    assert.ok((await bridge.getChunks(exemplars)).every((chunk) => chunk !== null));
  }
  await bridge.storeChunk({
    id: 'one more',
    content: 'export const revalidate = 60;',
    frameworks: ['nextjs'],
  });
  const again = await bridge.getPatternClusters({ limit: 100 });
  const kept = again.filter(({ id }) => found.some((one) => one.id === id)).length;
  assert.ok(kept > 0.8 * found.length, `${kept} of ${found.length}`);
});

test('the quality of a template and of its file is explained part by part', async () => {
  const { chunks } = await bridge.listChunks({ prefix: 'hono', limit: 40 });
  assert.ok(chunks.length > 1);
  for (const { id, quality_score } of chunks) {
    const explained = await bridge.explainQuality(id);
    const sum = explained?.parts.reduce((total, { contribution }) => total + contribution, 0) ?? -1;
    assert.ok(Math.abs(sum - quality_score) < 0.12, `${id}: ${sum} for ${quality_score}`);
  }
  assert.equal(await bridge.explainQuality('nobody'), null);
});

test('wrong questions about patterns are named', async () => {
  const wrong = (/** @type {any} */ value) => value;
  await assert.rejects(bridge.getIntegrationPatterns([]), {
    code: 'INVALID_ARGUMENT',
    message: /frameworks/,
  });
  await assert.rejects(bridge.getIntegrationPatterns(wrong('hono')), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(bridge.getFrameworkRelationships({ min_support: 2 }), { message: /min_support/ });
  await assert.rejects(bridge.getPatternClusters(wrong({ limits: 3 })), {
    code: 'UNKNOWN_OPTION',
    message: /'limit'/,
  });
});
