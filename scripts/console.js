// @ts-check
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const QUIET_LINE_INTERVAL_MS = 10_000;

/** A failure whose message already tells the user what to do; printed without a stack. */
class SetupError extends Error {}

/** @param {number} milliseconds */
function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * Numbered steps on standard error. Lines of steps that had nothing to do are held back until one has, so
 * that an unchanged set-up prints a single line.
 */
class Progress {
  /** @param {number} total number of steps */
  constructor(total) {
    this.total = total;
    this.started = Date.now();
    this.number = 0;
    /** @type {string[]} */
    this.unchanged = [];
    this.worked = false;
  }

  /** @param {string} line */
  print(line) {
    process.stderr.write(`${line}\n`);
  }

  /** @param {string} title */
  skip(title) {
    this.number += 1;
    const line = `[${this.number}/${this.total}] ${title}: up to date`;
    if (this.worked) this.print(line);
    else this.unchanged.push(line);
  }

  /**
   * Runs one step, showing its notes, the time elapsed and, when a note says "n of m", the time left.
   * @template T
   * @param {string} title
   * @param {(note: (text: string) => void) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async step(title, work) {
    if (!this.worked) for (const line of this.unchanged) this.print(line);
    this.worked = true;
    this.number += 1;
    const label = `[${this.number}/${this.total}] ${title}`;
    const started = Date.now();
    let text = 'started';
    let lastPrinted = 0;
    const show = () => {
      const elapsed = Date.now() - started;
      const [, done, all] = text.match(/(\d+) of (\d+)/)?.map(Number) ?? [];
      const left = done > 0 && done < all ? `, about ${duration((elapsed * (all - done)) / done)} left` : '';
      const line = `${label}: ${text} (${duration(elapsed)}${left})`;
      if (process.stderr.isTTY)
        process.stderr.write(`\r\u001b[K${line.slice(0, process.stderr.columns - 1)}`);
      else if (Date.now() - lastPrinted >= QUIET_LINE_INTERVAL_MS) {
        lastPrinted = Date.now();
        this.print(line);
      }
    };
    show();
    const timer = setInterval(show, 1000);
    try {
      const result = await work((note) => {
        text = note;
        show();
      });
      this.finishLine(`${label}: done in ${duration(Date.now() - started)}`);
      return result;
    } catch (error) {
      this.finishLine(`${label}: failed after ${duration(Date.now() - started)}`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  /** @param {string} line */
  finishLine(line) {
    this.print(process.stderr.isTTY ? `\r\u001b[K${line}` : line);
  }

  finish() {
    const elapsed = duration(Date.now() - this.started);
    this.print(this.worked ? `Set-up complete in ${elapsed}.` : `Set-up is up to date (${elapsed}).`);
  }
}

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

module.exports = { Progress, SetupError, duration, runLogged };
