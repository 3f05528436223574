// @ts-check
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/**
 * Runs a program with its output in a log file.
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, log: string, onLine?: (line: string) => void}} options
 * @returns {Promise<{code: number, tail: string}>} the exit code (127 when the program cannot be started) and
 *   the last lines of the output
 */
function runLogged(command, args, { cwd, env, log, onLine }) {
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const file = fs.openSync(log, 'w');
  /** @type {string[]} */
  const lines = [];
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      let partial = '';
      stream.setEncoding('utf8');
      stream.on('data', (/** @type {string} */ chunk) => {
        fs.writeSync(file, chunk);
        const parts = (partial + chunk).split(/\r?\n/);
        partial = parts.pop() ?? '';
        for (const line of parts) {
          lines.push(line);
          onLine?.(line);
        }
        lines.splice(0, lines.length - 30);
      });
    }
    let startError = '';
    child.on('error', (error) => {
      startError = `${command}: ${error.message}`;
    });
    child.on('close', (code) => {
      fs.closeSync(file);
      resolve({ code: startError ? 127 : (code ?? 1), tail: [...lines, startError].join('\n').trim() });
    });
  });
}

module.exports = { runLogged };
