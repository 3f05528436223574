// @ts-check

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

/** @typedef {{nothing: () => unknown, chunk: () => unknown, megabyte: () => unknown}} Tasks */

const chunk = {
  id: 'small',
  content: 'const total = items.reduce((sum, item) => sum + item.price, 0);',
  chunk_type: 'code',
  frameworks: ['node'],
  tags: ['array'],
  quality_score: 0.5,
  metadata: {},
};
const megabyte = Buffer.alloc(1_000_000, 1);

const echo = `
  const { parentPort } = require('node:worker_threads');
  const chunk = ${JSON.stringify(chunk)};
  parentPort.on('message', (message) => {
    if (message === null) parentPort.postMessage(null);
    else parentPort.postMessage(message === chunk.id ? chunk : message.length);
  });
`;

/** @type {Record<string, () => Tasks | Promise<Tasks>>} */
const subjects = {
  async fluorite() {
    const { FluoriteBridge } = require('..');
    const memory_path = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-benchmark-'));
    process.once('exit', () => fs.rmSync(memory_path, { recursive: true, force: true }));
    const bridge = new FluoriteBridge();
    await bridge.initialize({ memory_path, enable_ml: false });
    await bridge.storeChunk(chunk);
    return {
      nothing: () => bridge.ping(),
      chunk: () => bridge.getChunk(chunk.id),
      megabyte: () => bridge.ping({ send: megabyte }),
    };
  },

  worker() {
    const worker = new Worker(echo, { eval: true });
    const ask = (/** @type {unknown} */ message) =>
      new Promise((resolve) => {
        worker.once('message', resolve);
        worker.postMessage(message);
      });
    return { nothing: () => ask(null), chunk: () => ask(chunk.id), megabyte: () => ask(megabyte) };
  },

  nodeCallsPython() {
    const { python, module } = openNodeCallsPython();
    return {
      nothing: () => python.call(module, 'nothing'),
      chunk: () => python.call(module, 'chunk', chunk.id),
      megabyte: () => python.call(module, 'length', megabyte),
    };
  },

  nodeCallsPythonSync() {
    const { python, module } = openNodeCallsPython();
    return {
      nothing: () => python.callSync(module, 'nothing'),
      chunk: () => python.callSync(module, 'chunk', chunk.id),
      megabyte: () => python.callSync(module, 'length', megabyte),
    };
  },
};

function openNodeCallsPython() {
  // By a path that the type checker does not follow: it is not installed with the other packages.
  const { interpreter: python } = require(path.join(__dirname, 'node_modules', 'node-calls-python'));
  return { python, module: python.importSync(path.join(__dirname, 'trivial.py')) };
}

/**
 * @param {() => unknown} task
 * @param {number} calls
 * @returns {Promise<number[]>} microseconds, one call after the other
 */
async function measure(task, calls) {
  const samples = [];
  for (let call = 0; call < calls; call++) {
    const started = performance.now();
    await task();
    samples.push((performance.now() - started) * 1000);
  }
  return samples;
}

async function main() {
  const tasks = await subjects[process.argv[2]]();
  const send = /** @type {(message: unknown) => void} */ (process.send?.bind(process));
  process.on('message', async (/** @type {{task: keyof Tasks, calls: number}} */ { task, calls }) => {
    send(await measure(tasks[task], calls));
  });
  process.on('disconnect', () => process.exit());
  send('ready');
}

main();
