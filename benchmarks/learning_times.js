// @ts-check

/** learnFromSpikes over a copy of a folder of templates: from nothing, unchanged, and with 1 % of the files changed. */

const fs = require('node:fs');
const path = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { FluoriteBridge } = require('..');
const { accountFor, jsonFiles, printAccount } = require('./learning_account.js');
const { printGate, withoutEmbedding } = require('./learning_memory.js');
const { notes } = require('./quality_memory.js');
const support = require('./support.js');

const RESOLUTION_MS = 1;
const MEBIBYTE = 2 ** 20;

/**
 * Puts a word at the start of the name or description of every hundredth file, and at least of one.
 * @param {string[]} files
 */
function changeOnePercent(files) {
  let changed = 0;
  for (let number = 0; number < files.length; number += 100) {
    const before = fs.readFileSync(files[number], 'utf8');
    const after = before.replace(/("(?:description|name)"\s*:\s*")/, '$1Revised: ');
    if (after !== before) changed += 1;
    fs.writeFileSync(files[number], after);
  }
  return changed;
}

/**
 * @param {string} run
 * @param {FluoriteBridge} bridge
 */
async function learn(run, bridge) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const report = await bridge.learnFromSpikes({ onProgress: notes(run) });
  delay.disable();
  const milliseconds = (/** @type {number} */ nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return {
    run,
    report,
    event_loop_delay_p99_ms: milliseconds(delay.percentile(99)),
    event_loop_delay_max_ms: milliseconds(delay.max),
    resident_mib: process.memoryUsage().rss / MEBIBYTE,
    resident_peak_mib: process.resourceUsage().maxRSS / 1024,
  };
}

/** @typedef {Awaited<ReturnType<typeof learn>>} Run */

/** @param {Run} run its figures as they are kept */
function kept({ report, ...run }) {
  const { seconds, repaired, malformed, retrieval, path: _folder, ...counts } = report;
  const find = retrieval?.seconds.total ?? 0;
  /** @type {Record<string, number>} */
  const all = { ...seconds, 'learn to find': find, whole: seconds.total + find };
  return {
    ...run,
    ...counts,
    seconds: all,
    learn_to_find_without_embedding_seconds: retrieval === null ? null : withoutEmbedding(retrieval),
    retrieval,
    repaired: repaired.length,
    malformed: malformed.length,
  };
}

/**
 * @param {string} templates
 * @param {string} folder
 * @param {string} config a configuration file; '': none
 */
async function measureTimes(templates, folder, config) {
  const copy = path.join(folder, 'templates');
  support.progress('copying the templates');
  fs.cpSync(templates, copy, { recursive: true, preserveTimestamps: true });
  const files = jsonFiles(copy).sort();
  const raw = files.reduce((sum, file) => sum + fs.statSync(file).size, 0);
  const bridge = new FluoriteBridge();
  await bridge.initialize({
    memory_path: path.join(folder, 'times'),
    spike_templates_path: copy,
    config_path: config || undefined,
  });
  try {
    const before = process.memoryUsage().rss / MEBIBYTE;
    const fromNothing = await learn('from nothing', bridge);
    const account = await accountFor(bridge, copy, files, fromNothing.report);
    const { chunks, store_bytes, embeddings_bytes, embedding } = await bridge.getMetrics();
    const unchanged = await learn('unchanged', bridge);
    const filesChanged = changeOnePercent(files);
    const changed = await learn('1 % changed', bridge);
    const after = await bridge.getMetrics();
    return {
      precision: embedding.precision,
      files: files.length,
      files_changed: filesChanged,
      account,
      chunks,
      bytes: { raw, store: store_bytes, changed: after.store_bytes, embeddings: embeddings_bytes },
      resident_before_mib: before,
      runs: [fromNothing, unchanged, changed].map(kept),
    };
  } finally {
    await bridge.shutdown();
  }
}

/** @param {Awaited<ReturnType<typeof measureTimes>>} figures */
function printTimes({ precision, files, files_changed, account, chunks, bytes, resident_before_mib, runs }) {
  const stages = Object.keys(runs[0].seconds);
  support.printTable(
    `Learning ${files.toLocaleString('en-US')} templates, ${precision}, seconds by stage (${files_changed} files changed)`,
    ['run', ...stages, 'processed', 'new', 'changed', 'stored', 'embedded'],
    runs.map((run) => [
      run.run,
      ...stages.map((stage) => run.seconds[stage]),
      ...[run.processed, run.new, run.changed, run.chunks_stored, run.chunks_embedded],
    ]),
  );
  printAccount(account);
  printGate('from nothing', runs[0].retrieval);
  support.printTable(
    'Learning to find: seconds, and MRR@10 on held-out pairs',
    ['run', 'seconds', 'without embed', 'ja', 'en', 'adopted'],
    runs.map(({ run, retrieval, learn_to_find_without_embedding_seconds }) => {
      const { before = {}, after = {}, seconds, adopted } = retrieval ?? {};
      const [ja, en] = ['ja', 'en'].map((one) => (one in after ? `${before[one]} → ${after[one]}` : ''));
      const without = learn_to_find_without_embedding_seconds;
      return [run, seconds?.total ?? null, without, ja, en, adopted ? 'yes' : 'no'];
    }),
  );
  support.printTable(
    `Event-loop delay in ms and resident memory in MiB (${Math.round(resident_before_mib)} before learning)`,
    ['run', 'delay p99', 'delay max', 'resident', 'peak so far'],
    runs.map((run) => [
      run.run,
      run.event_loop_delay_p99_ms,
      run.event_loop_delay_max_ms,
      run.resident_mib,
      run.resident_peak_mib,
    ]),
  );
  const percent = (/** @type {number} */ size) => `${((100 * size) / bytes.raw).toFixed(1)} %`;
  support.printTable(
    'Bytes on disk',
    ['what', 'bytes', 'of the raw JSON'],
    [
      ['raw JSON', bytes.raw, percent(bytes.raw)],
      [`store of ${chunks.toLocaleString('en-US')} chunks`, bytes.store, percent(bytes.store)],
      ['store after the change of 1 %', bytes.changed, percent(bytes.changed)],
      ['embeddings', bytes.embeddings, percent(bytes.embeddings)],
    ],
  );
}

module.exports = { measureTimes, printTimes };
