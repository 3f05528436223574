// @ts-check
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Client } = require('@modelcontextprotocol/client');
const { StdioClientTransport } = require('@modelcontextprotocol/client/stdio');
require('./isolate.js');

const main = path.join(__dirname, '..', 'cli', 'main.js');
const serves = path.join(__dirname, 'children', 'serves.js');

/** @type {WeakMap<object, (() => unknown)[]>} */
const endings = new WeakMap();

/**
 * Does `work` when the test ends: what was begun last ends first, so that a folder outlives its servers.
 * @param {any} test
 * @param {() => unknown} work
 */
function atEnd(test, work) {
  const works = endings.get(test) ?? [];
  if (works.length === 0) {
    endings.set(test, works);
    test.after(async () => {
      for (const one of works.toReversed()) await one();
    });
  }
  works.push(work);
}

/** A folder that is removed when the test ends. @param {any} test */
function temporaryFolder(test) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-test-'));
  atEnd(test, () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * The SDK's own client, connected to a server in a process of its own.
 * @param {any} test
 * @param {Record<string, unknown>} [options] of the memory
 * @param {import('@modelcontextprotocol/client').ClientOptions} [clientOptions]
 */
async function connect(test, options = {}, clientOptions = {}) {
  const memory_path = options.memory_path ?? path.join(temporaryFolder(test), 'memory');
  const args = [serves, JSON.stringify({ enable_ml: false, ...options, memory_path })];
  return await connectTo(test, { command: process.execPath, args, env: childEnvironment() }, clientOptions);
}

/**
 * The SDK's own client, connected to the server that an assistant's entry starts.
 * @param {any} test
 * @param {{command: string, args: string[], env?: Record<string, string>}} entry
 * @param {import('@modelcontextprotocol/client').ClientOptions} [clientOptions]
 */
async function connectTo(test, entry, clientOptions = {}) {
  const transport = new StdioClientTransport({ ...entry, stderr: 'pipe' });
  const client = new Client({ name: 'test', version: '1.0.0' }, clientOptions);
  atEnd(test, () => client.close());
  await client.connect(transport);
  return client;
}

/**
 * The server of the command line, whose bytes are seen as they are.
 * @param {any} test
 * @param {{memory_path: string}} options
 */
function startServer(test, { memory_path }) {
  const words = [main, 'serve', '--mcp', '--memory', memory_path];
  const child = spawn(process.execPath, words, { env: childEnvironment() });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const exited = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
  atEnd(test, () => {
    child.kill('SIGKILL');
    return exited;
  });
  return {
    child,
    exited,
    send: (/** @type {object} */ message) =>
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    lines: () => stdout.split('\n').filter((line) => line !== ''),
    stderr: () => stderr,
    /** @param {number} id */
    async answer(id) {
      for (;;) {
        const lines = stdout.split('\n').slice(0, -1);
        const found = lines.map((line) => JSON.parse(line)).find((message) => message.id === id);
        if (found) return found;
        await new Promise((resolve) => child.stdout.once('data', resolve));
      }
    },
  };
}

/** @returns {Record<string, string>} */
function childEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && name !== 'NODE_TEST_CONTEXT' && name !== 'PYTHONUNBUFFERED',
  );
  return /** @type {Record<string, string>} */ (Object.fromEntries(kept));
}

module.exports = { childEnvironment, connect, connectTo, serves, startServer, temporaryFolder };
