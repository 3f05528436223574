// @ts-check

const fs = require('node:fs');
const path = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { FluoriteBridge } = require('..');
const support = require('./support.js');

const HELP = `learnFromSpikes over a copy of a folder of templates: from nothing, unchanged, and with 1 % of the files changed.

Usage: npm run bench:learning -- [options]

  --templates DIR   folder of spike templates (default examples/spikes)
  --config FILE     TOML file for initialize, for example with [ml] precision = "int8" (default none)
  --help            this text

Examples:
  npm run bench:learning
  npm run bench:learning -- --templates ../fluorite-mcp/spikes
`;

const RESOLUTION_MS = 1;
const MEBIBYTE = 2 ** 20;

/** @param {string} folder @returns {string[]} its JSON files, in order */
function jsonFiles(folder) {
  const found = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return found.flatMap((name) => (name.endsWith('.json') ? [path.join(folder, name)] : [])).sort();
}

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
 * @param {string} name
 * @param {FluoriteBridge} bridge
 */
async function learn(name, bridge) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let shownAt = 0;
  const report = await bridge.learnFromSpikes({
    onProgress: ({ stage, done, total, seconds_elapsed, seconds_left }) => {
      if (done < total && performance.now() - shownAt < 2000) return;
      shownAt = performance.now();
      const left = seconds_left === null ? '' : `, ${Math.round(seconds_left)} s left`;
      support.progress(`${name}: ${stage} ${done} of ${total}, ${Math.round(seconds_elapsed)} s${left}`);
    },
  });
  delay.disable();
  const milliseconds = (/** @type {number} */ nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const { seconds, repaired, malformed, retrieval, path: _folder, ...counts } = report;
  return {
    run: name,
    seconds: { ...seconds, train: retrieval?.seconds.total ?? 0 },
    retrieval,
    ...counts,
    repaired: repaired.length,
    malformed: malformed.length,
    event_loop_delay_p99_ms: milliseconds(delay.percentile(99)),
    event_loop_delay_max_ms: milliseconds(delay.max),
    resident_mib: process.memoryUsage().rss / MEBIBYTE,
    resident_peak_mib: process.resourceUsage().maxRSS / 1024,
  };
}

async function main() {
  const { templates, config } = support.readOptions(HELP, {
    templates: path.join(support.ROOT, 'examples', 'spikes'),
    config: '',
  });
  await support.withTemporaryFolder(async (folder) => {
    const copy = path.join(folder, 'templates');
    support.progress('copying the templates');
    fs.cpSync(templates, copy, { recursive: true, preserveTimestamps: true });
    const files = jsonFiles(copy);
    const rawBytes = files.reduce((sum, file) => sum + fs.statSync(file).size, 0);
    const bridge = new FluoriteBridge();
    await bridge.initialize({
      memory_path: path.join(folder, 'memory'),
      spike_templates_path: copy,
      config_path: config || undefined,
    });
    const before = process.memoryUsage().rss / MEBIBYTE;
    const runs = [await learn('from nothing', bridge)];
    const { chunks, store_bytes, embeddings_bytes, embedding } = await bridge.getMetrics();
    runs.push(await learn('unchanged', bridge));
    const filesChanged = changeOnePercent(files);
    runs.push(await learn('1 % changed', bridge));
    const after = await bridge.getMetrics();
    await bridge.shutdown();

    const stages = Object.keys(runs[0].seconds);
    support.printTable(
      `Learning ${files.length.toLocaleString('en-US')} templates, ${embedding.precision}, seconds by stage (${filesChanged} files changed)`,
      ['run', ...stages, 'processed', 'new', 'changed', 'stored', 'embedded', 'repaired', 'malformed'],
      runs.map((run) => [
        run.run,
        ...stages.map((stage) => run.seconds[stage]),
        ...[run.processed, run.new, run.changed, run.chunks_stored, run.chunks_embedded],
        ...[run.repaired, run.malformed],
      ]),
    );
    support.printTable(
      'Learned retrieval, seconds by stage; MRR@10 on held-out pairs',
      ['run', 'embed', 'total', 'ja', 'en', 'why'],
      runs.map(({ run, retrieval }) => {
        const { before = {}, after = {}, seconds, reason = null } = retrieval ?? {};
        const [ja, en] = ['ja', 'en'].map((one) => (one in after ? `${before[one]} → ${after[one]}` : ''));
        return [run, seconds?.embed ?? 0, seconds?.total ?? 0, ja, en, reason];
      }),
    );
    support.printTable(
      `Event-loop delay in ms and resident memory in MiB (${Math.round(before)} before learning)`,
      ['run', 'delay p99', 'delay max', 'resident', 'peak so far'],
      runs.map((run) => [
        run.run,
        run.event_loop_delay_p99_ms,
        run.event_loop_delay_max_ms,
        run.resident_mib,
        run.resident_peak_mib,
      ]),
    );
    const percent = (/** @type {number} */ size) => `${((100 * size) / rawBytes).toFixed(1)} %`;
    support.printTable(
      'Bytes on disk',
      ['what', 'bytes', 'of the raw JSON'],
      [
        ['raw JSON', rawBytes, percent(rawBytes)],
        [`store of ${chunks.toLocaleString('en-US')} chunks`, store_bytes, percent(store_bytes)],
        ['store after the change of 1 %', after.store_bytes, percent(after.store_bytes)],
        ['embeddings', embeddings_bytes, percent(embeddings_bytes)],
      ],
    );
    support.saveResults('learning', {
      templates: path.basename(templates),
      precision: embedding.precision,
      files: files.length,
      chunks,
      bytes: { raw: rawBytes, store: store_bytes, changed: after.store_bytes, embeddings: embeddings_bytes },
      resident_before_mib: before,
      runs,
    });
  });
}

main();
