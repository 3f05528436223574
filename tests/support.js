// @ts-check
'use strict';

require('./isolate.js');
const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { FluoriteBridge } = require('fluorite-memory-engine');

const children = path.join(__dirname, 'children');

/**
 * A folder that is removed when the test ends.
 * @param {{after: (work: () => void) => void}} test
 */
function temporaryFolder(test) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-test-'));
  // A bridge whose folder was made before it is still open by then, and may be writing.
  test.after(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20 }));
  return folder;
}

/**
 * An initialized bridge that is shut down when the test ends.
 * @param {any} test
 * @param {Partial<import('fluorite-memory-engine').InitializeOptions>} [options]
 */
async function openBridge(test, options = {}) {
  const bridge = new FluoriteBridge();
  // Before the folder's removal: hooks run in this order.
  test.after(() => bridge.shutdown());
  const memory_path = options.memory_path ?? path.join(temporaryFolder(test), 'memory');
  await bridge.initialize({ enable_ml: false, ...options, memory_path });
  return bridge;
}

/**
 * @typedef {{code: number | null, signal: NodeJS.Signals | null, stdout: string, stderr: string}} Ended
 */

/**
 * Runs a script of tests/children in a process of its own.
 * @param {string} script
 * @param {string[]} values its arguments
 * @param {{execArgv?: string[], env?: Record<string, string | undefined>, timeout?: number}} [options]
 * @returns {Promise<Ended>}
 */
function runChild(script, values = [], { execArgv = [], env = {}, timeout = 120_000 } = {}) {
  return new Promise((resolve, reject) => {
    const merged = { ...process.env, ...env, NODE_TEST_CONTEXT: undefined, PYTHONUNBUFFERED: undefined };
    const child = spawn(process.execPath, [...execArgv, path.join(children, script), ...values], {
      env: merged,
      timeout,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** @param {number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/**
 * @param {string} program
 * @param {string[]} values
 * @returns {Promise<string>}
 */
function run(program, values) {
  return new Promise((resolve, reject) => {
    execFile(program, values, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}

module.exports = { openBridge, quantile, run, runChild, temporaryFolder };
