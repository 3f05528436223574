// @ts-check

/** Steps of benchmarks/search.js that need a process of their own, so that each is measured by itself. */

const { fork } = require('node:child_process');
const fs = require('node:fs');

/** @type {Record<string, () => (request: any, progress: (text: string) => void) => Promise<unknown>>} */
const STEPS = {
  base: () => require('./search_base.js').makeBase,
  store: () => require('./search_build.js').store,
  index: () => require('./search_build.js').index,
  open: () => require('./search_serve.js').open,
  serve: () => require('./search_serve.js').serve,
  peerBuild: () => require('./search_peers.js').build,
  peerServe: () => require('./search_peers.js').serve,
};

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Runs a step in a new process. Rejects with its error.
 * @param {string} step
 * @param {object} request
 * @param {(text: string) => void} progress
 * @returns {Promise<any>}
 */
function inChild(step, request, progress) {
  return new Promise((resolve, reject) => {
    const child = fork(__filename, [], { serialization: 'advanced' });
    running.add(child);
    /** @type {any} */
    let answer;
    child.on('message', (/** @type {any} */ message) => {
      if (message.progress !== undefined) progress(message.progress);
      else answer = message;
    });
    child.once('exit', (code, signal) => {
      running.delete(child);
      if (answer?.error !== undefined) reject(new Error(`${step}: ${answer.error}`));
      else if (answer === undefined) reject(new Error(`${step} ended with ${signal ?? `exit code ${code}`}`));
      else resolve(answer.result);
    });
    child.send({ step, request });
  });
}

/** @returns {{anonymous_mib: number, file_mib: number}} resident memory of this process; NaN outside Linux */
function resident() {
  const status = fs.existsSync('/proc/self/status') ? fs.readFileSync('/proc/self/status', 'utf8') : '';
  const of = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  return { anonymous_mib: of('RssAnon'), file_mib: of('RssFile') };
}

async function answerParent() {
  const { step, request } = await new Promise((resolve) => process.once('message', resolve));
  const send = (/** @type {object} */ message) =>
    new Promise((resolve) => process.send?.(message, undefined, undefined, resolve));
  try {
    const result = await STEPS[step]()(request, (progress) => void send({ progress }));
    await send({ result });
  } catch (error) {
    await send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    // What the step began, a process that writes beside it for one, may not end by itself.
    process.exit(1);
  }
  process.disconnect();
}

module.exports = { inChild, resident };

if (require.main === module) answerParent();
