// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { openBridge, runChild, temporaryFolder } = require('./support.js');

/** @typedef {import('fluorite-memory-engine').FluoriteBridge} FluoriteBridge */

const NAMES = ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot', 'golf', 'hotel'];
const QUERY = 'session cookie middleware';
const PARAPHRASE = 'middleware for a session cookie';
const UNRELATED = 'chart of monthly sales';

/** Chunks that match a query about sessions equally well, and some about charts. @param {FluoriteBridge} bridge */
async function fill(bridge) {
  await bridge.storeChunks([
    ...NAMES.map((name) => ({
      id: `session-${name}`,
      content: `export const ${name} = session({ cookie: middleware });`,
      metadata: { description: `Sessions by ${name}` },
      frameworks: ['express'],
      tags: [name],
    })),
    ...NAMES.map((name) => ({ id: `chart-${name}`, content: `chart(${name}, monthly, sales)` })),
  ]);
}

/** @param {{id: string}[]} hits */
const ids = (hits) => hits.map(({ id }) => id);

/** @param {FluoriteBridge} bridge @param {string} query */
const found = async (bridge, query) => ids(await bridge.searchSimilar(query, 20, { fold: false }));

/** @param {any} value @returns {any} */
const wrong = (value) => value;

test('feedback moves a chunk for the query and its paraphrase, says so, and moves nothing else', async (t) => {
  const bridge = await openBridge(t);
  await fill(bridge);
  const unrelated = await found(bridge, UNRELATED);
  const [first] = await found(bridge, QUERY);
  const liked = (await found(bridge, QUERY)).filter((id) => id.startsWith('session')).at(-1) ?? '';
  for (let n = 0; n < 10; n++) {
    await bridge.addFeedback({ id: liked, feedback_type: 'search_relevance', query: QUERY, rating: 1 });
  }
  await bridge.addFeedback({ id: first, feedback_type: 'search_relevance', query: QUERY, rating: 0 });
  for (const query of [QUERY, PARAPHRASE]) {
    const hits = await bridge.searchSimilar(query, 20, { explain: true, fold: false });
    assert.equal(hits[0].id, liked, query);
    const { feedback, parts } = hits[0].explanation ?? assert.fail();
    assert.deepEqual([feedback?.positive, feedback?.negative], [10, 0]);
    assert.ok(parts.feedback > 0.05 && parts.feedback <= 0.15 && (feedback?.likeness ?? 0) > 0.5);
    const sum = parts.lexical + parts.dense + parts.quality + parts.feedback;
    assert.ok(Math.abs(sum - hits[0].score) < 1e-5 && hits[0].score <= 1);
    const last = hits.find(({ id }) => id === first);
    assert.ok((last?.explanation?.parts.feedback ?? 0) < 0);
  }
  assert.deepEqual(await found(bridge, UNRELATED), unrelated);
  const explained = await bridge.searchSimilar(UNRELATED, 3, { explain: true });
  assert.ok(explained.every(({ explanation }) => explanation?.feedback === null));
  const off = await bridge.searchSimilar(QUERY, 20, { weights: { feedback: 0 }, fold: false });
  assert.equal(off[0].id, first);
});

test('a chunk that is well spoken of is found for an alike query though no word of it is there', async (t) => {
  const bridge = await openBridge(t);
  await fill(bridge);
  await bridge.addFeedback({
    id: 'chart-golf',
    feedback_type: 'recommendation',
    query: QUERY,
    rating: 1,
  });
  assert.ok((await found(bridge, PARAPHRASE)).includes('chart-golf'));
  const none = await bridge.searchSimilar(PARAPHRASE, 20, { fold: false, id_prefix: 'session' });
  assert.ok(!ids(none).includes('chart-golf'));
  const excluded = await bridge.searchSimilar(PARAPHRASE, 20, { exclude_ids: ['chart-golf'] });
  assert.ok(!ids(excluded).includes('chart-golf'));
});

test('undoing feedback takes its effect back, once', async (t) => {
  const bridge = await openBridge(t);
  await fill(bridge);
  const before = await bridge.searchSimilar(QUERY, 20);
  const { feedback_id } = await bridge.addFeedback({
    id: ids(before)[3],
    feedback_type: 'similarity',
    query: QUERY,
    rating: 1,
  });
  assert.notDeepEqual(await bridge.searchSimilar(QUERY, 20), before);
  assert.equal(await bridge.undoFeedback(feedback_id), true);
  assert.deepEqual(await bridge.searchSimilar(QUERY, 20), before);
  assert.equal(await bridge.undoFeedback(feedback_id), false);
  assert.equal(await bridge.undoFeedback('feedback-1-deadbeef'), false);
  assert.equal(await bridge.undoFeedback('nothing of ours'), false);
  assert.deepEqual((await bridge.listFeedback()).feedback, []);
});

test('how a chunk was used counts for its place and its quality', async (t) => {
  const bridge = await openBridge(t);
  await fill(bridge);
  const use = async (/** @type {string} */ id) =>
    (await bridge.explainQuality(id))?.parts.find(({ property }) => property === 'use')?.value;
  const last = (await found(bridge, QUERY)).filter((id) => id.startsWith('session')).at(-1) ?? '';
  const [first] = await found(bridge, QUERY);
  assert.equal(await use(last), 0);
  for (let n = 0; n < 5; n++) await bridge.recordUse(last, QUERY, 'accepted');
  await bridge.recordUse(first, QUERY, 'failed');
  assert.equal((await found(bridge, PARAPHRASE))[0], last);
  assert.ok((await use(last)) > 0.2 && (await use(first)) < 0);
  const praised = await bridge.addFeedback({
    id: first,
    feedback_type: 'pattern_recognition',
    query: '',
    rating: 1,
  });
  assert.ok((await use(first)) > 0);
  await bridge.undoFeedback(praised.feedback_id);
  assert.ok((await use(first)) < 0);
});

test('a correction is a chunk like the one that it corrects and comes before it', async (t) => {
  const bridge = await openBridge(t);
  await fill(bridge);
  const [first] = await found(bridge, QUERY);
  const correction = 'export const fixed = cookieSession({ secure: true });';
  const given = {
    id: first,
    feedback_type: /** @type {const} */ ('code_generation'),
    query: QUERY,
    correction,
  };
  const { feedback_id, correction_id } = await bridge.addFeedback({ ...given, result: 'what was made' });
  const chunk = await bridge.getChunk(correction_id ?? '');
  const corrected = await bridge.getChunk(first);
  assert.equal(chunk?.content, correction);
  assert.deepEqual([chunk?.tags, chunk?.frameworks], [corrected?.tags, corrected?.frameworks]);
  assert.equal(chunk?.metadata.corrects, first);
  assert.equal(chunk?.metadata.description, corrected?.metadata.description);
  assert.equal((await found(bridge, QUERY))[0], correction_id);
  const alike = await found(bridge, PARAPHRASE);
  assert.ok(alike.indexOf(correction_id ?? '') < alike.indexOf(first), alike.join(' '));
  const [listed] = (await bridge.listFeedback({ id: first })).feedback;
  assert.deepEqual(
    [listed.feedback_id, listed.correction_id, listed.result_bytes],
    [feedback_id, correction_id, 13],
  );
  const ofCorrection = (await bridge.listFeedback({ id: correction_id ?? '' })).feedback;
  assert.deepEqual(
    ofCorrection.map((one) => one.feedback_id),
    [feedback_id],
  );

  const again = await bridge.addFeedback(given);
  assert.equal(again.correction_id, correction_id);
  await bridge.undoFeedback(feedback_id);
  assert.notEqual(await bridge.getChunk(correction_id ?? ''), null, 'another feedback brought it too');
  await bridge.undoFeedback(again.feedback_id);
  assert.equal(await bridge.getChunk(correction_id ?? ''), null);
});

test('a correction that was changed since stays when its feedback is undone', async (t) => {
  const bridge = await openBridge(t);
  await fill(bridge);
  const correction = 'export const fixed = 1;';
  const { feedback_id, correction_id } = await bridge.addFeedback({
    feedback_type: 'general',
    query: QUERY,
    correction,
  });
  await bridge.storeChunk({ id: correction_id ?? '', content: 'export const fixed = 2;' });
  assert.equal(await bridge.undoFeedback(feedback_id), true);
  assert.equal((await bridge.getChunk(correction_id ?? ''))?.content, 'export const fixed = 2;');
});

test('feedback on a chunk that is gone waits for it', async (t) => {
  const bridge = await openBridge(t);
  await fill(bridge);
  const id = (await found(bridge, QUERY)).filter((one) => one.startsWith('session')).at(-1) ?? '';
  const chunk = await bridge.getChunk(id);
  for (let n = 0; n < 3; n++) await bridge.recordUse(id, QUERY, 'accepted');
  assert.equal((await found(bridge, QUERY))[0], id);
  await bridge.deleteChunk(id);
  assert.ok(!(await found(bridge, QUERY)).includes(id));
  await assert.rejects(bridge.recordUse(id, QUERY, 'accepted'), { message: new RegExp(`no chunk '${id}'`) });
  await bridge.storeChunk({ id, content: chunk?.content ?? '' });
  assert.equal((await found(bridge, QUERY))[0], id);
});

test('what is not about a chunk is kept and listed, page by page, and ranks nothing', async (t) => {
  const bridge = await openBridge(t);
  await fill(bridge);
  const before = await found(bridge, QUERY);
  const types = /** @type {const} */ (['pattern_recognition', 'general', 'similarity', 'recommendation']);
  for (const feedback_type of types) {
    await bridge.addFeedback({ feedback_type, query: QUERY, rating: 0.75, metadata: { from: 'テスト' } });
  }
  assert.deepEqual(await found(bridge, QUERY), before);
  const first = await bridge.listFeedback({ limit: 3 });
  const rest = await bridge.listFeedback({ limit: 3, cursor: first.cursor ?? '' });
  const all = [...first.feedback, ...rest.feedback];
  assert.deepEqual(all.map((one) => one.feedback_type).reverse(), types);
  assert.equal(rest.cursor, null);
  const [{ rating, id, outcome, correction_id, metadata, weight }] = all;
  assert.deepEqual([rating, id, outcome, correction_id], [0.75, null, null, null]);
  assert.deepEqual(metadata, { from: 'テスト' });
  assert.ok(weight > 0.999 && weight <= 1);
});

test('another process sees feedback in its next search, and this one what that process gives', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { memory_path });
  await fill(bridge);
  const [first] = await found(bridge, QUERY);
  const sessions = (await found(bridge, QUERY)).filter((id) => id.startsWith('session'));
  const last = sessions.at(-1) ?? '';
  const child = await runChild('uses.js', [memory_path, last, QUERY, PARAPHRASE]);
  assert.equal(child.code, 0, child.stderr);
  assert.deepEqual(child.stdout.trim().split('\n'), [first, last]);
  assert.equal((await found(bridge, PARAPHRASE))[0], last);
  const { feedback } = await bridge.listFeedback();
  assert.equal(feedback.length, 10);
  for (const { feedback_id } of feedback) await bridge.undoFeedback(feedback_id);
  assert.equal((await found(bridge, PARAPHRASE))[0], first);
});

test('no text of a query or a result lies in the memory folder', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { memory_path });
  await fill(bridge);
  const query = 'zebrafish middleware';
  await bridge.addFeedback({
    id: 'session-golf',
    feedback_type: 'general',
    query,
    result: 'quokka',
    rating: 1,
  });
  await bridge.recordUse('session-golf', query, 'edited');
  await bridge.searchSimilar(query);
  await bridge.addFeedback({
    id: 'session-golf',
    feedback_type: 'general',
    query: 'x',
    metadata: { told: 'numbat' },
  });
  await bridge.shutdown();
  const files = fs.readdirSync(memory_path, { recursive: true, withFileTypes: true });
  const bytes = Buffer.concat(
    files
      .filter((file) => file.isFile())
      .map((file) => fs.readFileSync(path.join(file.parentPath, file.name))),
  );
  assert.ok(bytes.includes('numbat'), 'what is kept is not compressed');
  assert.deepEqual(
    ['zebrafish', 'quokka'].filter((word) => bytes.includes(word)),
    [],
  );
});

/** @type {[string, (bridge: FluoriteBridge) => Promise<unknown>, string, RegExp][]} */
const cases = [
  [
    'no object',
    (b) => b.addFeedback(wrong('good')),
    'INVALID_ARGUMENT',
    /object with feedback_type and query/,
  ],
  [
    'an unknown type',
    (b) => b.addFeedback(wrong({ feedback_type: 'similarty', query: 'q' })),
    'INVALID_ARGUMENT',
    /'similarty'\. Did you mean 'similarity'/,
  ],
  ['no type', (b) => b.addFeedback(wrong({ query: 'q' })), 'INVALID_ARGUMENT', /feedback_type is missing/],
  [
    'an unknown field',
    (b) => b.addFeedback(wrong({ feedback_type: 'general', query: 'q', ratings: 1 })),
    'UNKNOWN_OPTION',
    /Did you mean 'rating'/,
  ],
  [
    'an unknown chunk',
    (b) => b.addFeedback({ id: 'nobody', feedback_type: 'general', query: 'q' }),
    'INVALID_ARGUMENT',
    /no chunk 'nobody'/,
  ],
  [
    'no query',
    (b) => b.addFeedback(wrong({ feedback_type: 'general' })),
    'INVALID_ARGUMENT',
    /query is missing/,
  ],
  [
    'an empty query',
    (b) => b.addFeedback({ feedback_type: 'similarity', query: ' ' }),
    'INVALID_ARGUMENT',
    /query is empty.*'general'/,
  ],
  [
    'a rating of five',
    (b) => b.addFeedback({ feedback_type: 'general', query: 'q', rating: 5 }),
    'INVALID_ARGUMENT',
    /rating is 5\..*0 \(of no use\) to 1/,
  ],
  [
    'a rating that is no number',
    (b) => b.addFeedback({ feedback_type: 'general', query: 'q', rating: Number.NaN }),
    'INVALID_ARGUMENT',
    /rating is nan/,
  ],
  [
    'an empty correction',
    (b) => b.addFeedback({ feedback_type: 'general', query: 'q', correction: '\n' }),
    'INVALID_ARGUMENT',
    /correction is empty/,
  ],
  [
    'a correction above the limit',
    (b) => b.addFeedback({ feedback_type: 'general', query: 'q', correction: 'x'.repeat(1_048_577) }),
    'CHUNK_TOO_LARGE',
    /1,048,577 bytes/,
  ],
  [
    'a correction that changes nothing',
    (b) => b.addFeedback({ id: 'a', feedback_type: 'general', query: 'q', correction: 'content of a' }),
    'INVALID_ARGUMENT',
    /says already/,
  ],
  [
    'too much metadata',
    (b) => b.addFeedback({ feedback_type: 'general', query: 'q', metadata: { a: 'x'.repeat(17_000) } }),
    'INVALID_ARGUMENT',
    /at most 16,384/,
  ],
  ['no outcome', (b) => b.recordUse('a', 'q', wrong(undefined)), 'INVALID_ARGUMENT', /outcome is missing/],
  ['an unknown outcome', (b) => b.recordUse('a', 'q', wrong('acepted')), 'INVALID_ARGUMENT', /'accepted'/],
  [
    'a use of nothing',
    (b) => b.recordUse(wrong(undefined), 'q', 'edited'),
    'INVALID_ARGUMENT',
    /id is missing/,
  ],
  ['a use for no query', (b) => b.recordUse('a', '', 'edited'), 'INVALID_ARGUMENT', /query is empty/],
  ['an id of a number', (b) => b.undoFeedback(wrong(7)), 'INVALID_ARGUMENT', /feedback_id is int/],
  ['a list of none', (b) => b.listFeedback({ limit: 0 }), 'INVALID_ARGUMENT', /limit is 0/],
  ['a wrong cursor', (b) => b.listFeedback({ cursor: 'id:a' }), 'INVALID_ARGUMENT', /cursor 'id:a'/],
  ['an unknown option', (b) => b.listFeedback(wrong({ ids: 'a' })), 'UNKNOWN_OPTION', /Did you mean 'id'/],
];

test('wrong feedback is refused by name, and nothing of it is kept', async (t) => {
  const bridge = await openBridge(t);
  await bridge.storeChunk({ id: 'a', content: 'content of a' });
  for (const [name, call, code, message] of cases) {
    await assert.rejects(call(bridge), { code, message }, name);
  }
  assert.deepEqual((await bridge.listFeedback()).feedback, []);
  assert.equal((await bridge.listChunks()).chunks.length, 1);
});

test('feedback for a huge query is kept', async (t) => {
  const bridge = await openBridge(t);
  await fill(bridge);
  const query = `${QUERY} `.repeat(20_000);
  await bridge.addFeedback({ id: 'session-golf', feedback_type: 'general', query, rating: 1 });
  assert.equal((await bridge.listFeedback()).feedback.length, 1);
  assert.ok((await found(bridge, query)).length > 0);
});
