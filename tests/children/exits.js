// Ends the process at the stage of life named in argv[2], on the memory argv[3].
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const { FluoriteBridge } = require('fluorite-memory-engine');

const [stage, memory_path] = isMainThread
  ? process.argv.slice(2)
  : [workerData.stage, workerData.memory_path];
const ids = Array.from({ length: 4000 }, (_, index) => `chunk-${index}`);
const columns = { ids, contents: ids.map((id) => `content of ${id} `.repeat(10)) };
const big = new Uint8Array(16 * 1024 * 1024);

async function opened(options = {}) {
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path, enable_ml: false, ...options });
  return bridge;
}

async function kept() {
  const bridge = await opened();
  await bridge.storeChunk({ id: 'kept', content: 'acknowledged' });
  return bridge;
}

function worker(inner, index = 0) {
  return new Worker(__filename, { workerData: { stage: inner, memory_path, index } });
}

const stages = {
  'required only': () => {},
  'constructed only': () => void new FluoriteBridge(),
  'exit while initializing': () => {
    void opened();
    process.exit(0);
  },
  'natural end while initializing': () => void opened(),
  'natural end without shutdown': () => void kept(),
  'natural end after shutdown': async () => (await kept()).shutdown(),
  'exit after a call': async () => {
    await kept();
    process.exit(0);
  },
  'exit during a write': async () => {
    void (await kept()).storeChunks(columns);
    setTimeout(() => process.exit(0), 20);
  },
  'exit during a borrowed buffer': async () => {
    const bridge = await kept();
    void bridge.ping({ send: big, receive_bytes: big.length });
    process.exit(0);
  },
  'exit while the model works': async () => {
    await kept();
    const bridge = await opened({ enable_ml: true });
    void bridge.generateEmbeddings(columns.contents);
    setTimeout(() => process.exit(0), 2500);
  },
  'exit while the model loads': async () => {
    await kept();
    void (await opened({ enable_ml: true })).generateEmbedding('x');
    setTimeout(() => process.exit(0), 300);
  },
  'exit during shutdown': async () => {
    void (await kept()).shutdown();
    process.exit(0);
  },
  'exit code of its own': async () => {
    void (await kept()).storeChunks(columns);
    process.exit(7);
  },
  'shutdown twice at once': async () => {
    const bridge = await kept();
    await Promise.all([bridge.shutdown(), bridge.shutdown()]);
  },
  'worker that ends by itself': () => void worker('natural end after shutdown'),
  'worker that never shuts down': () => void worker('natural end without shutdown'),
  'worker that calls exit': () => void worker('exit after a call'),
  'worker terminated during a call': async () => {
    await kept();
    const running = worker('inner: busy');
    await new Promise((resolve) => running.once('message', resolve));
    await running.terminate();
    const bridge = await opened();
    await bridge.storeChunk({ id: 'after', content: 'still works' });
  },
  'worker terminated with a borrowed buffer': async () => {
    await kept();
    const running = worker('inner: borrowed');
    await new Promise((resolve) => running.once('message', resolve));
    await running.terminate();
  },
  'exit with a busy worker': async () => {
    await kept();
    const running = worker('inner: busy');
    await new Promise((resolve) => running.once('message', resolve));
    process.exit(0);
  },
  'twenty workers at once': async () => {
    await kept();
    const workers = Array.from({ length: 20 }, (_, index) => worker('inner: store', index));
    const codes = await Promise.all(
      workers.map((each) => new Promise((resolve) => each.once('exit', resolve))),
    );
    if (codes.some((code) => code !== 0)) process.exit(1);
    const bridge = await opened();
    const found = await bridge.getChunks(workers.map((_, index) => `worker-${index}`));
    if (found.includes(null)) process.exit(2);
  },
  'inner: store': async () => {
    const bridge = await opened();
    await bridge.storeChunk({ id: `worker-${workerData.index}`, content: 'x' });
    await bridge.shutdown();
  },
  'inner: busy': async () => {
    const bridge = await opened();
    void bridge.storeChunks(columns);
    require('node:worker_threads').parentPort.postMessage('busy');
  },
  'inner: borrowed': async () => {
    const bridge = await opened();
    const vectors = new Float32Array(1000 * 384).fill(0.5);
    const some = ids.slice(0, 1000);
    for (let round = 0; round < 20; round++) {
      void bridge.storeChunks({ ids: some, contents: some, embeddings: vectors.slice() });
    }
    require('node:worker_threads').parentPort.postMessage('busy');
  },
};

if (process.argv[2] === '--list') {
  console.log(JSON.stringify(Object.keys(stages).filter((name) => !name.startsWith('inner'))));
} else {
  Promise.resolve(stages[stage]()).catch((error) => {
    console.error(error);
    process.exit(99);
  });
}
