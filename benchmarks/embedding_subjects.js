// @ts-check

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { FluoriteBridge } = require('..');
const { DIMENSIONS } = require('./data.js');
const { ROOT, pythonProgram } = require('./support.js');

const MODELS = path.join(ROOT, 'models');

/** @typedef {{seconds: number, vector: ArrayLike<number>, tokens?: number}} Answer */
/** @typedef {{name: string, embed: (texts: string[]) => Promise<Answer>}} Subject */

/**
 * The engine in one precision, timed in JavaScript around the whole call.
 * @param {string} folder
 * @param {'fp32' | 'int8'} precision
 * @param {number} threads
 */
async function openFluorite(folder, precision, threads) {
  const config_path = path.join(folder, `${precision}.toml`);
  fs.writeFileSync(config_path, `[ml]\nprecision = "${precision}"\nnum_threads = ${threads}\n`);
  const bridge = new FluoriteBridge();
  await bridge.initialize({ memory_path: path.join(folder, precision), config_path });
  /** @type {Subject['embed']} */
  const embed = async (texts) => {
    const started = performance.now();
    const data =
      texts.length === 1
        ? await bridge.generateEmbedding(texts[0])
        : (await bridge.generateEmbeddings(texts)).data;
    const seconds = (performance.now() - started) / 1000;
    return { seconds, vector: data.subarray(0, DIMENSIONS) };
  };
  return { subject: { name: `fluorite ${precision}`, embed }, stop: () => bridge.shutdown() };
}

/**
 * SentenceTransformer.encode in a Python of its own, timed there around encode alone.
 * @param {number} threads
 */
async function openSentenceTransformers(threads) {
  const script = path.join(__dirname, 'sentence_transformers_peer.py');
  const values = [script, path.join(ROOT, 'python'), MODELS, String(threads)];
  const child = spawn(pythonProgram(), values, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('sentence-transformers ended; its message is above. Run: npm run setup');
    return JSON.parse(value);
  };
  await answer();
  /** @param {number} batch_size @returns {Subject} */
  const subject = (batch_size) => ({
    name: `sentence-transformers, batch ${batch_size}`,
    embed(texts) {
      child.stdin.write(`${JSON.stringify({ texts, batch_size })}\n`);
      return answer();
    },
  });
  return { subject, stop: () => child.stdin.end() };
}

module.exports = { openFluorite, openSentenceTransformers };
