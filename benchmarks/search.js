// @ts-check

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { inChild } = require('./search_child.js');
const { filtersOf, readBase } = require('./search_corpus.js');
const { PEERS, isInstalled } = require('./search_peers.js');
const support = require('./support.js');

const HELP = `searchSimilar among many chunks, by text and by vector, with filters, alone and while a second process stores;
beside it other vector stores, over the same vectors and queries.

The chunks are those of real templates and variants of them. A variant's text has two fifths of its identifiers,
words and numbers renamed to others of the templates, as often as they occur there. Its vector is the real chunk's,
moved towards a near chunk and along a change that the model itself makes of such variants (2,000 of them are
embedded to know), so that neighbours lie as far apart. Queries are descriptions of templates that are left out, and
requests. Recall is against exact search in numpy over the same vectors, told for vector queries alone: a text is
also compared by its words. The system's file cache is warm.

Usage: npm run bench:search -- [options]

  --chunks N        chunks to search among (default 10000)
  --templates DIR   folder of spike templates (default examples/spikes, few; give many)
  --requests FILE   JSON lines with "query", as further queries (default none)
  --queries N       most queries (default 300)
  --writes N        chunks stored per second while searching (default 200)
  --opens N         cold starts, of each kind (default 3)
  --peers LIST      all, none, or names with commas; default all up to 100,000 chunks, none above
                    ${Object.keys(PEERS).join(' ')}
  --keep DIR        keeps chunks, vectors and memory there, and uses what is there already (default: removed)
  --index anew      builds the indexes of a kept memory anew (default kept)
  --help            this text

Examples:
  npm run bench:search -- --templates ../fluorite-mcp/spikes
  npm run bench:search -- --chunks 1000000 --templates ../fluorite-mcp/spikes --keep ./search-memory
`;

const MOST_WITH_PEERS = 100_000;
const BYTES_PER_CHUNK = 8000;
const BYTES_PER_VECTOR = 1536;
const GIBIBYTE = 2 ** 30;
const MEBIBYTE = 2 ** 20;
const PER_CALL = 20;

/** @param {string} file @returns {any} */
const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

/**
 * What is made once and kept as `file`, if it was made of the same.
 * @param {string} file
 * @param {object} of
 * @param {() => Promise<any>} make
 */
async function kept(file, of, make) {
  if (fs.existsSync(file)) {
    const found = readJson(file);
    if (JSON.stringify(found.of) === JSON.stringify(of)) return found.figures;
  }
  fs.rmSync(path.dirname(file), { recursive: true, force: true });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const figures = await make();
  fs.writeFileSync(file, JSON.stringify({ of, figures }));
  return figures;
}

/** @param {string[]} values @returns {Promise<any>} what search_vectors.py prints */
function vectors(...values) {
  return new Promise((resolve, reject) => {
    const script = path.join(__dirname, 'search_vectors.py');
    const child = spawn(support.pythonProgram(), [script, ...values], { stdio: ['ignore', 'pipe', 'pipe'] });
    process.once('exit', () => child.kill('SIGKILL'));
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (data) => {
      output.stdout += data;
    });
    child.stderr.on('data', (data) => {
      output.stderr += data;
      support.progress(String(data).trim());
    });
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output.stdout));
      else reject(new Error(`search_vectors.py ended with exit code ${code}: ${output.stderr}`));
    });
  });
}

/**
 * The folder to work in, removed at the end of the process unless it is to be kept.
 * @param {string} keep
 */
function workFolder(keep) {
  if (keep !== '') {
    fs.mkdirSync(keep, { recursive: true });
    return path.resolve(keep);
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-benchmark-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @param {string} folder @param {number} bytes */
function stateDisk(folder, bytes) {
  const { bavail, bsize } = fs.statfsSync(folder);
  const [needed, free] = [bytes, bavail * bsize].map((size) => `${(size / GIBIBYTE).toFixed(1)} GiB`);
  process.stderr.write(`At most ${needed} in ${folder}, where ${free} are free.\n`);
  if (bytes > bavail * bsize)
    throw new Error('That is not enough. Choose another folder with --keep or TMPDIR.');
}

/** @param {string} list @param {number} rows @returns {string[]} */
function chosenPeers(list, rows) {
  const names = Object.keys(PEERS);
  if (list === 'none' || (list === '' && rows > MOST_WITH_PEERS)) return [];
  const wanted = list === '' || list === 'all' ? names : list.split(',');
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`No peer is named '${unknown}': ${names.join(', ')}.`);
  return wanted.filter((name) => {
    const installed = isInstalled(name);
    if (!installed) process.stderr.write(`${name} is left out: run npm run bench:install\n`);
    return installed;
  });
}

/** @param {string[]} names @param {{base: string, folder: string, rows: number, queries: string[]}} request */
async function measurePeers(names, request) {
  /** @type {Record<string, any>} */
  const figures = {};
  const place = path.join(request.folder, 'peer');
  for (const name of names) {
    fs.rmSync(place, { recursive: true, force: true });
    try {
      support.progress(`building ${name}`);
      const seconds = await inChild('peerBuild', { ...request, name }, support.progress);
      const bytes = sizeOf(place);
      support.progress(`searching with ${name}`);
      const served = await inChild('peerServe', { ...request, name }, support.progress);
      figures[name] = {
        settings: PEERS[name].settings,
        build_seconds: seconds,
        disk_bytes: bytes,
        ...served,
      };
    } catch (error) {
      process.stderr.write(`\n${name} is left out: ${error instanceof Error ? error.message : error}\n`);
    }
  }
  fs.rmSync(place, { recursive: true, force: true });
  return figures;
}

/** @param {string} place @returns {number} */
function sizeOf(place) {
  if (!fs.statSync(place).isDirectory()) return fs.statSync(place).size;
  return fs.readdirSync(place).reduce((sum, name) => sum + sizeOf(path.join(place, name)), 0);
}

/** @param {any} figures */
function print({ chunks, engine, peers, build }) {
  const { series, resident, open, written } = engine;
  const count = chunks.toLocaleString('en-US');
  support.printTable(
    `searchSimilar, 10 hits among ${count} chunks, one call after the other, ms`,
    ['query', 'filter', 'while', 'calls', 'p50', 'p95', 'p99', 'recall@10'],
    series.map((/** @type {any} */ one) => [
      ...[one.kind, one.filter, one.while, one.calls, one.p50, one.p95, one.p99],
      one.recall === null ? '' : one.recall.toFixed(3),
    ]),
  );
  support.printTable(
    'The process that serves, and the memory',
    ['what', 'figure'],
    [
      ['resident anonymous MiB, alone', resident.alone.anonymous_mib],
      ['resident anonymous MiB, while storing', resident.storing.anonymous_mib],
      ['resident file-backed MiB, alone', resident.alone.file_mib],
      ['open to first answer by vector, ms, p50', open.vector],
      ['open to first answer by text, ms, p50', open.text],
      ['storing all, seconds', build.store.seconds],
      ['building all indexes anew, seconds', build.index.seconds],
      ['first answer meanwhile, seconds', build.index.first_answer_seconds],
      ['resident anonymous MiB, most while building', build.index.resident_most.anonymous_mib],
      ...Object.entries(build.index.disk_bytes).map(([part, bytes]) => [
        `${part}, MiB on disk`,
        Number(bytes) / MEBIBYTE,
      ]),
      ['stored by the second process, chunks per second', written.per_second],
      ['probes for the chunk just stored', written.probes],
      ['found by the next search', written.found_at_once],
    ],
  );
  const vector = series.find((/** @type {any} */ one) => one.kind === 'vector' && one.while === 'alone');
  const own = { ...vector, build_seconds: build.index.seconds, resident: resident.alone };
  const all = Object.entries({ fluorite: own, ...peers });
  if (all.length === 1) return;
  support.printTable(
    `Vector queries among ${count} vectors, ms (Fluorite's hits are whole chunks, the others' are row numbers)`,
    ['store', 'p50', 'p95', 'p99', 'recall@10', 'build s', 'anonymous MiB', 'file MiB'],
    all.map(([name, one]) => [
      ...[name, one.p50, one.p95, one.p99, one.recall.toFixed(3), one.build_seconds],
      ...[one.resident.anonymous_mib, one.resident.file_mib],
    ]),
  );
}

async function main() {
  const options = support.readOptions(HELP, {
    ...{ chunks: 10_000, templates: path.join(support.ROOT, 'examples', 'spikes'), requests: '' },
    ...{ queries: 300, writes: 200, opens: 3, peers: '', keep: '', index: 'kept' },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  if (!['kept', 'anew'].includes(options.index)) throw new Error('--index takes kept or anew.');
  const rows = options.chunks;
  const names = chosenPeers(options.peers, rows);
  const root = workFolder(options.keep);
  const further = PER_CALL * Math.ceil(Math.min(rows / 10, 20_000) / PER_CALL);
  stateDisk(root, rows * (BYTES_PER_CHUNK + (names.length > 0 ? 2 * BYTES_PER_VECTOR : 0)));

  const base = path.join(root, 'base');
  const folder = path.join(root, String(rows));
  const of = {
    templates: path.resolve(options.templates),
    requests: options.requests,
    queries: options.queries,
  };
  const sources = await kept(path.join(base, 'made.json'), of, () =>
    inChild('base', { folder: base, ...of }, support.progress),
  );
  const { queries, chunks } = readBase(base);
  const { filters, members } = filtersOf(chunks, queries.length);
  const request = { base, folder, rows, queries, filters };
  const corpusBuild = await kept(path.join(folder, 'made.json'), { ...of, rows }, async () => {
    const derived = await vectors('derive', base, folder, String(rows + further));
    fs.writeFileSync(path.join(folder, 'filters.json'), JSON.stringify({ filters, members }));
    const exact = await vectors('exact', base, folder, String(rows));
    const store = await inChild('store', request, support.progress);
    return { derived, exact, store };
  });
  const indexed = path.join(folder, 'indexed.json');
  if (options.index === 'anew' || !fs.existsSync(indexed)) {
    fs.writeFileSync(indexed, JSON.stringify(await inChild('index', request, support.progress)));
  }
  const build = { ...corpusBuild, index: readJson(indexed) };

  const open = { vector: 0, text: 0 };
  for (const kind of /** @type {const} */ (['vector', 'text'])) {
    const taken = [];
    for (let start = 0; start < options.opens; start++) {
      support.progress(`opening, first answer by ${kind}: ${start + 1} of ${options.opens}`);
      taken.push(await inChild('open', { ...request, kind }, support.progress));
    }
    open[kind] = support.quantile(taken, 0.5);
  }
  const served = await inChild('serve', { ...request, writes: options.writes }, support.progress);
  const peers = await measurePeers(names, request);
  const shares = Object.fromEntries(filters.map(({ name, share }) => [name, share]));
  const corpus = { ...sources, real_chunks: chunks.length, filter_shares: shares };
  const figures = { chunks: rows, corpus, build, engine: { ...served, open }, peers };
  print(figures);
  const { templates, writes, opens } = options;
  support.saveResults(`search-${rows}`, { templates: path.basename(templates), writes, opens, ...figures });
}

main().catch((error) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
