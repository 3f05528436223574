// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { openBridge, temporaryFolder } = require('./support.js');

/** What a small company's templates are about: as people say it, and as its code has it. */
const TOPICS = [
  ['勤怠の打刻', 'const stamp = await shiftPunch.clockIn(workerId);'],
  ['稟議の回付', 'approvalChain.forward(petition, nextManager);'],
  ['棚卸しの差異', 'const gap = stocktake.varianceOf(shelf, counted);'],
  ['源泉徴収', 'payslip.withhold(taxTable.rateFor(salary));'],
  ['領収書の印紙', 'receipt.affix(revenueStamp.of(amount));'],
  ['経費の立替', 'expenses.reimburse(claim, wallet);'],
  ['名寄せ', 'const merged = dedupePeople(records, byKana);'],
  ['締め日', 'ledger.closeBooks(fiscalMonth);'],
  ['引当', 'await inventory.allocate(order, lot);'],
  ['返品の検品', 'inspection.gradeReturned(parcel);'],
  ['送り状', 'carrier.printWaybill(shipment);'],
  ['与信枠', 'if (creditLine.exceeded(customer)) hold(order);'],
  ['消込', 'receivables.reconcile(payment, invoice);'],
  ['按分', 'const parts = prorate(total, weights);'],
  ['端数の丸め', 'price.roundHalfEven(yen);'],
  ['差戻し', 'workflow.sendBack(step, remark);'],
  ['予実の対比', 'report.compareBudget(actuals, plan);'],
  ['検収', 'purchase.acceptDelivery(goods, signer);'],
  ['見積りの失効', 'quotation.expireAfter(days);'],
  ['代引き', 'checkout.cashOnDelivery(courier);'],
];

/** @param {number} first @param {number} count @returns {{description: string, code: string}[]} */
function tasks(first, count) {
  return Array.from({ length: count }, (_, at) => {
    const number = first + at;
    const [one, other] = [number % TOPICS.length, (number * 7 + Math.floor(number / TOPICS.length) + 1) % 20];
    return {
      description: `${TOPICS[one][0]}と${TOPICS[other][0]}をまとめて行う`,
      code: `export async function task${number}(input) {\n  ${TOPICS[one][1]}\n  ${TOPICS[other][1]}\n}`,
    };
  });
}

/**
 * A folder of templates, one for each task.
 * @param {any} t
 * @param {{description: string, code: string}[]} own
 */
function templatesOf(t, own) {
  const folder = temporaryFolder(t);
  for (const [number, { description, code }] of own.entries()) {
    const id = `task-${number}-${(number * 7919) % 1000}`;
    const files = [{ path: 'index.js', template: code }];
    const template = {
      id,
      name: `業務 ${number}`,
      description,
      stack: ['node'],
      tags: [],
      params: [],
      files,
    };
    fs.writeFileSync(path.join(folder, `${id}.json`), JSON.stringify(template));
  }
  return folder;
}

const learned = tasks(0, 300);
const unseen = tasks(1000, 40);

/** @param {import('fluorite-memory-engine').FluoriteBridge} bridge */
async function storeUnseen(bridge) {
  await bridge.storeChunks(unseen.map(({ code }, at) => ({ id: `c${at}`, content: code })));
}

/**
 * How many of the unseen descriptions find their code first among all that stands alone.
 * @param {import('fluorite-memory-engine').FluoriteBridge} bridge
 */
async function foundFirst(bridge) {
  const questions = unseen.map(({ description }) => description);
  const found = await bridge.searchMany(questions, 1, { chunk_type: 'code', fold: false });
  return found.filter(([hit], at) => hit.id === `c${at}`).length;
}

test('what templates say of their code is learned, proves itself, is used, and can be taken back', async (t) => {
  const spike_templates_path = templatesOf(t, learned);
  const bridge = await openBridge(t, { enable_ml: true, spike_templates_path });
  await storeUnseen(bridge);
  const before = await foundFirst(bridge);
  /** @type {Set<string>} */
  const stages = new Set();
  const { retrieval } = await bridge.learnFromSpikes({ onProgress: ({ stage }) => stages.add(stage) });
  assert.ok(retrieval?.adopted, retrieval?.reason);
  assert.ok(stages.has('pairs') && stages.has('learn'));
  assert.equal(retrieval.version, 1);
  assert.ok(retrieval.held_out_pairs >= 20 && retrieval.training_pairs >= 100);
  assert.ok(retrieval.after.ja > retrieval.before.ja);
  assert.deepEqual(
    retrieval.verdicts.map(({ candidate }) => candidate),
    ['adapter', 'associations', 'fusion', 'reranker'],
  );
  const after = await foundFirst(bridge);
  assert.ok(after >= before + 4, `${before} of ${unseen.length} before, ${after} after`);

  const stats = await bridge.getLearningStats();
  assert.deepEqual(stats.last_run?.retrieval, retrieval);
  assert.deepEqual(stats.retrieval.after, retrieval.after);
  assert.equal(stats.retrieval.version, 1);
  assert.ok(Math.abs(Number(stats.retrieval.adopted_at) - Date.now()) < 600_000);
  const [hit] = await bridge.searchSimilar(unseen[0].description, 1, { chunk_type: 'code', explain: true });
  assert.equal(hit.explanation?.learned?.version, 1);

  const again = await bridge.learnFromSpikes();
  assert.match(again.retrieval?.reason ?? '', /few pairs have changed/);
  assert.deepEqual(await bridge.rollbackLearning(), { version: 0, rolled_back: 1 });
  const rolledBack = await foundFirst(bridge);
  assert.ok(rolledBack <= after - 4, `${after} of ${unseen.length} before, ${rolledBack} after the rollback`);
  const [plain] = await bridge.searchSimilar(unseen[0].description, 1, { chunk_type: 'code', explain: true });
  assert.equal(plain.explanation?.learned, null);
  assert.equal((await bridge.getLearningStats()).retrieval.version, 0);
  await assert.rejects(bridge.rollbackLearning(), {
    code: 'INVALID_ARGUMENT',
    message: /nothing to roll back/,
  });
  assert.equal((await bridge.trainRetrieval({ force: true })).version, 2);
  assert.equal(await foundFirst(bridge), after);
});

test('what one bridge learns, another on the same folder uses at once, and a later one too', async (t) => {
  const memory_path = path.join(temporaryFolder(t), 'memory');
  const bridge = await openBridge(t, { enable_ml: true, memory_path });
  const other = await openBridge(t, { enable_ml: true, memory_path });
  await storeUnseen(bridge);
  const before = await foundFirst(other);
  const examples = learned.map(({ description, code }) => ({
    input_text: description,
    expected_output: code,
  }));
  const result = await bridge.trainIncremental([...examples, { input_text: 'x', chunk_id: 'nobody' }]);
  assert.ok(result.adopted, result.reason);
  assert.deepEqual(
    result.rejected.map(({ index }) => index),
    [300],
  );
  assert.ok(result.accuracy !== null && result.accuracy > 0 && result.accuracy <= 1);
  assert.ok(result.loss !== null && result.loss > 0);
  const after = await foundFirst(other);
  assert.ok(after >= before + 4, `${before} of ${unseen.length} before, ${after} after`);
  await bridge.shutdown();
  await other.shutdown();
  assert.equal(await foundFirst(await openBridge(t, { enable_ml: true, memory_path })), after);
});

test('a memory too small to learn from says so, and nothing changes', async (t) => {
  const bridge = await openBridge(t, {
    enable_ml: true,
    spike_templates_path: templatesOf(t, tasks(0, 5)),
  });
  const { retrieval } = await bridge.learnFromSpikes();
  assert.deepEqual([retrieval?.adopted, retrieval?.version, retrieval?.verdicts], [false, 0, []]);
  assert.match(retrieval?.reason ?? '', /Not adopted: \d+ pairs/);
  const { retrieval: state } = await bridge.getLearningStats();
  assert.deepEqual(state, {
    version: 0,
    model_id: null,
    pairs: null,
    before: {},
    after: {},
    adopted_at: null,
  });
});

test('training that is aborted changes nothing', async (t) => {
  const bridge = await openBridge(t, {
    enable_ml: true,
    spike_templates_path: templatesOf(t, tasks(0, 200)),
  });
  const controller = new AbortController();
  const reason = new Error('enough');
  const run = bridge.learnFromSpikes({
    signal: controller.signal,
    onProgress: ({ stage }) => stage === 'learn' && controller.abort(reason),
  });
  await assert.rejects(run, (error) => error === reason);
  assert.equal((await bridge.getLearningStats()).retrieval.version, 0);
  assert.notEqual((await bridge.trainRetrieval()).verdicts.length, 0);
});

test('without the model nothing is trained, and examples of the wrong form are named', async (t) => {
  const bridge = await openBridge(t, { spike_templates_path: templatesOf(t, tasks(0, 5)) });
  assert.equal((await bridge.learnFromSpikes()).retrieval, null);
  await assert.rejects(bridge.trainRetrieval(), { code: 'ML_DISABLED' });
  await assert.rejects(bridge.trainIncremental([]), { code: 'ML_DISABLED' });
  const wrong = (/** @type {any} */ value) => value;
  await assert.rejects(bridge.trainIncremental(wrong('x')), {
    code: 'INVALID_ARGUMENT',
    message: /examples/,
  });
  await assert.rejects(bridge.trainRetrieval(wrong({ forced: true })), { code: 'UNKNOWN_OPTION' });
  await assert.rejects(bridge.trainRetrieval(wrong({ force: 1 })), { code: 'INVALID_ARGUMENT' });
});
