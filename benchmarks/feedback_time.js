// @ts-check

/** What feedback costs a search. */

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { RANKS } = require('./quality_measures.js');
const { withMemory } = require('./quality_memory.js');
const support = require('./support.js');

const COUNTS = [0, 1000, 10_000, 100_000];
const ROUNDS = 5;

/**
 * @param {string} folder a learned memory
 * @param {string[]} queries
 */
async function measureTime(folder, queries) {
  const rows = [];
  for (const count of COUNTS) {
    support.progress(`feedback: storing up to ${count}, each for a query of its own`);
    const script = path.join(__dirname, 'feedback_lookup.py');
    const inPython = JSON.parse(
      execFileSync(support.pythonProgram(), [script, folder, String(count), JSON.stringify(queries)], {
        encoding: 'utf8',
        env: { ...process.env, PYTHONPATH: path.join(support.ROOT, 'python') },
      }),
    );
    const search = await withMemory(
      folder,
      async () => {},
      async (bridge) => {
        /** @type {number[]} */
        const times = [];
        const tell = support.counter(`feedback: searching with ${count}, rounds`);
        for (let round = 0; round <= ROUNDS; round++) {
          tell(round, ROUNDS + 1);
          for (const query of queries) {
            const started = performance.now();
            await bridge.searchSimilar(query, RANKS);
            if (round > 0) times.push(performance.now() - started);
          }
        }
        return times;
      },
    );
    rows.push({
      feedbacks: count,
      search_p50_ms: support.quantile(search, 0.5),
      search_p95_ms: support.quantile(search, 0.95),
      lookup_p50_ms: inPython.p50_ms,
      lookup_p95_ms: inPython.p95_ms,
      read_ms: inPython.read_ms,
    });
  }
  return rows;
}

/** @param {Awaited<ReturnType<typeof measureTime>>} rows */
function printTime(rows) {
  support.printTable(
    'One search, vector known',
    ['feedbacks', 'search p50 ms', 'p95 ms', 'looking up p50 ms', 'p95 ms', 'reading them in, ms'],
    rows.map((row) => Object.values(row)),
  );
}

module.exports = { measureTime, printTime };
