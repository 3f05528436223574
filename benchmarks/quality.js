// @ts-check

const fs = require('node:fs');
const path = require('node:path');
const { handWritten, measureCode, printCode } = require('./quality_code.js');
const { copyFiles, notes, withMemory } = require('./quality_memory.js');
const {
  ABLATIONS,
  DEFAULT,
  differences,
  measureRequests,
  named,
  readRequests,
} = require('./quality_requests.js');
const { printDifferences, printRequests, printWorst } = require('./quality_tables.js');
const support = require('./support.js');

const HELP = `How good what searchSimilar finds is, with and without each part of the ranking.

Requests: graded requests of developers over all templates and over the hand-written ones alone, nDCG@10 by language
and by kind of request. Rows: words alone (lexical), meaning alone (dense), both (fused), with quality, with folding
(the default). A hit counts for its template, and once: unfolded, files of one template take up several of the ten
hits. Folding makes them one, so the single methods are also shown folded.
Description → code: the code alone of hand-written templates, found by their descriptions, MRR@10 by language.
Intervals are 95 %, by resampling the requests.

Usage: npm run bench:quality -- [options]

  --templates DIR     folder of spike templates (default examples/spikes, few; give many)
  --queries FILE      requests, JSON lines: {"qid", "lang", "kind", "query", "relevant": {template id: 1 or 2}}
                      (default none: requests are left out)
  --per-language N    most descriptions of each language (default 400)
  --worst N           of each kind, prints the N requests that lose most against a single method (default none)
  --run FILE          writes what the default finds over all templates, JSON lines: {"qid", "ids"}
  --keep DIR          keeps the learned memories there and learns only what has changed (default: removed)
  --help              this text

Examples:
  npm run bench:quality -- --templates ../fluorite-mcp/spikes
  npm run bench:quality -- --templates ../fluorite-mcp/spikes --queries requests.jsonl --worst 3
`;

/** @typedef {import('./quality_requests.js').Request} Request */
/** @typedef {{folder: string, templates: string, what: string, requests: Request[], worst: number}} Subject */

/**
 * Learns a folder of templates and asks it every request.
 * @param {Subject} subject
 */
async function requestsOver({ folder, templates, what, requests, worst }) {
  const learn = (/** @type {import('..').FluoriteBridge} */ bridge) =>
    bridge.learnFromSpikes({ path: templates, onProgress: notes(what) });
  return await withMemory(folder, learn, async (bridge) => {
    const figures = await measureRequests(bridge, requests);
    const compared = differences(requests, figures.ablations);
    printRequests(what, requests, figures);
    printDifferences(compared);
    if (worst > 0) await printWorst(bridge, requests, figures.ablations, worst);
    const { chunks, embedding } = await bridge.getMetrics();
    return { ...figures, chunks, precision: embedding.precision, differences: compared };
  });
}

/**
 * @param {string} file
 * @param {Request[]} requests
 * @param {string[][]} ids
 */
function writeRun(file, requests, ids) {
  const lines = requests.map(({ qid }, at) => JSON.stringify({ qid, ids: ids[at] }));
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
}

/**
 * Figures as they are kept: per request its score alone, not the ids.
 * @param {Request[]} requests
 * @param {Awaited<ReturnType<typeof requestsOver>>} figures
 */
function kept(requests, { ablations, ...figures }) {
  return {
    ...figures,
    ablations: ablations.map(({ name, groups }) => ({ name, options: ABLATIONS[name], groups })),
    scores: requests.map(({ qid, lang, kind }, at) => ({
      qid,
      lang,
      kind,
      ...Object.fromEntries(ablations.map(({ name, scores }) => [name, scores[at]])),
    })),
  };
}

async function main() {
  const options = support.readOptions(HELP, {
    templates: path.join(support.ROOT, 'examples', 'spikes'),
    queries: '',
    'per-language': 400,
    worst: 0,
    run: '',
    keep: '',
  });
  const templates = path.resolve(options.templates);
  const written = handWritten(templates);
  if (written.length === 0) throw new Error(`${templates} holds no hand-written template.`);
  /** @param {string} folder */
  const measure = async (folder) => {
    /** @type {Record<string, unknown> | null} */
    let overRequests = null;
    if (options.queries === '') {
      process.stderr.write('Requests are left out: give a file of them with --queries.\n');
    } else {
      const requests = readRequests(options.queries);
      const subject = { requests, worst: options.worst };
      const all = { folder: path.join(folder, 'all'), templates, what: 'templates', ...subject };
      const overAll = await requestsOver(all);
      if (options.run !== '') writeRun(options.run, requests, named(overAll.ablations, DEFAULT).ids);
      const own = path.join(folder, 'hand-written-templates');
      const files = written.map(({ file }) => file);
      copyFiles(files, templates, own);
      const hand = { folder: path.join(folder, 'hand-written'), templates: own, ...subject };
      const overHand = await requestsOver({ ...hand, what: 'hand-written templates', worst: 0 });
      overRequests = {
        file: path.basename(options.queries),
        all_templates: kept(requests, overAll),
        hand_written: kept(requests, overHand),
      };
    }
    const codeFolder = path.join(folder, 'code');
    fs.rmSync(codeFolder, { recursive: true, force: true });
    const code = await measureCode(codeFolder, written, options['per-language']);
    printCode(code);
    support.saveResults('quality', {
      templates: path.basename(templates),
      hand_written: written.length,
      requests: overRequests,
      description_to_code: code,
    });
  };
  if (options.keep === '') await support.withTemporaryFolder(measure);
  else await measure(path.resolve(options.keep));
}

main();
