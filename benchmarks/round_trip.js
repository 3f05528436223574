// @ts-check

const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const support = require('./support.js');

const HELP = `Round trips from JavaScript to Python and back, beside node-calls-python and an echoing worker thread.

Each subject lives in a process of its own; they take turns, one call after the other.

Usage: npm run bench:round-trip -- [options]

  --rounds N   turns of each subject (default 5)
  --calls N    calls in a turn; a fifth of them with the buffer of 1 MB (default 2000)
  --help       this text

On a virtual machine, waking a thread on another processor may cost 30 µs and more; "taskset -c 0" keeps
all on one and shows what the calls themselves cost.

node-calls-python is compiled against the Python of the environment; without it its rows are left out:
  npm run bench:install

Examples:
  npm run bench:round-trip
  npm run bench:round-trip -- --rounds 2 --calls 500
  taskset -c 0 npm run bench:round-trip
`;

const SUBJECTS = {
  fluorite: 'fluorite',
  worker: 'worker_threads echo',
  nodeCallsPython: 'node-calls-python',
  nodeCallsPythonSync: 'node-calls-python, sync',
};
const TASKS = {
  nothing: 'nothing there, nothing back',
  chunk: 'id there, small chunk back',
  megabyte: '1 MB there',
};
const WARM_UP_CALLS = 500;

/** @typedef {keyof typeof SUBJECTS} Subject */
/** @typedef {keyof typeof TASKS} Task */

/** node-calls-python asks the first python3-config on the PATH where Python is. */
function environment() {
  const prefix = support.askPython(support.pythonProgram(), 'import sys; print(sys.base_prefix)');
  return { ...process.env, PATH: `${path.join(prefix, 'bin')}${path.delimiter}${process.env.PATH}` };
}

/** @param {Subject} subject */
async function start(subject) {
  const child = fork(path.join(__dirname, 'round_trip_peer.js'), [subject], { env: environment() });
  const stopped = once(child, 'exit').then(([code]) => {
    throw new Error(`${SUBJECTS[subject]} ended with exit code ${code}`);
  });
  stopped.catch(() => undefined);
  const answer = async () => (await Promise.race([once(child, 'message'), stopped]))[0];
  await answer();
  return {
    subject,
    /** @param {Task} task @param {number} calls @returns {Promise<number[]>} */
    measure(task, calls) {
      child.send({ task, calls });
      return answer();
    },
    stop: () => child.disconnect(),
  };
}

async function main() {
  const { rounds, calls } = support.readOptions(HELP, { rounds: 5, calls: 2000 });
  let names = /** @type {Subject[]} */ (Object.keys(SUBJECTS));
  if (!fs.existsSync(path.join(__dirname, 'node_modules', 'node-calls-python'))) {
    support.progress('node-calls-python is not installed; its rows are left out. Run: npm run bench:install');
    names = names.filter((name) => !name.startsWith('nodeCalls'));
  }
  const peers = await Promise.all(names.map(start));
  const tasks = /** @type {Task[]} */ (Object.keys(TASKS));
  /** @type {Map<string, number[]>} */
  const samples = new Map();
  for (const task of tasks) {
    const count = task === 'megabyte' ? Math.ceil(calls / 5) : calls;
    for (const peer of peers) await peer.measure(task, WARM_UP_CALLS);
    for (let round = 0; round < rounds; round++) {
      support.progress(`${TASKS[task]}: round ${round + 1} of ${rounds}`);
      for (let turn = 0; turn < peers.length; turn++) {
        const peer = peers[(round + turn) % peers.length];
        const key = `${task}/${peer.subject}`;
        samples.set(key, [...(samples.get(key) ?? []), ...(await peer.measure(task, count))]);
      }
    }
  }
  for (const peer of peers) peer.stop();

  const figures = tasks.flatMap((task) => {
    const row = (/** @type {Subject} */ subject) => {
      const taken = samples.get(`${task}/${subject}`) ?? [];
      return { p50: support.quantile(taken, 0.5), p99: support.quantile(taken, 0.99) };
    };
    const own = row('fluorite');
    return names.map((subject) => {
      const { p50, p99 } = row(subject);
      return { task, subject, p50, p99, p50_ratio: p50 / own.p50, p99_ratio: p99 / own.p99 };
    });
  });
  support.printTable(
    `Round trip in microseconds (${rounds} rounds of ${calls} calls)`,
    ['task', 'subject', 'p50', 'p99', 'p50 / fluorite', 'p99 / fluorite'],
    figures.map(({ task, subject, p50, p99, p50_ratio, p99_ratio }) => [
      TASKS[task],
      SUBJECTS[subject],
      p50,
      p99,
      p50_ratio,
      p99_ratio,
    ]),
  );
  support.saveResults('round-trip', { rounds, calls, unit: 'microseconds', figures });
}

main();
