// @ts-check
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const MAIN = path.join(ROOT, require('../package.json').bin['fluorite-memory']);
const SPIKES = path.join(ROOT, 'examples', 'spikes');

/** An environment that says nothing about language, colours or folders, and keeps the user's own out. */
function plainEnvironment() {
  const environment = { ...process.env };
  const told =
    /^(LANG|LANGUAGE|LC_.*|NO_COLOR|FORCE_COLOR|XDG_.*|NODE_TEST_CONTEXT|CI|TF_BUILD|COLORTERM|FLUORITE_(?!PYTHON$|STATE_DIR$|CONFIG_PATH$).*)$/;
  for (const name of Object.keys(environment)) {
    if (told.test(name)) delete environment[name];
  }
  const home = path.join(os.tmpdir(), 'fluorite-no-home');
  return { ...environment, HOME: home, TERM: 'xterm-256color' };
}

/** The Python of the package or of the environment, for its pseudo-terminal. */
function python() {
  const own = path.join(ROOT, '.venv', 'bin', 'python3');
  return process.env.FLUORITE_PYTHON ?? (fs.existsSync(own) ? own : 'python3');
}

const ON_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/**
 * Gets a new piece of text, the process, and all its text so far.
 * @typedef {(text: string, child: import('node:child_process').ChildProcess, all: string) => void} OnText
 */

/**
 * Runs the command line as its user does, in a process of its own.
 * @param {string[]} args
 * @param {{env?: Record<string, string>, input?: string | Buffer, cwd?: string, terminal?: boolean, open?: boolean,
 *   onStdout?: OnText, onStderr?: OnText}} [options] `cwd`: there
 *   the configuration is looked for as well; `terminal`: on a pseudo-terminal, which shows both streams
 *   as standard output; `open`: standard input does not end after `input`
 * @returns {Promise<{code: number | null, stdout: string, stderr: string}>}
 */
function runCli(args, { env = {}, input, cwd, terminal = false, open = false, onStdout, onStderr } = {}) {
  const command = [process.execPath, MAIN, ...args];
  const [program, ...values] = terminal ? [python(), '-c', ON_TERMINAL, ...command] : command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, values, {
      cwd,
      env: { ...plainEnvironment(), ...(cwd && { FLUORITE_CONFIG_PATH: undefined }), ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: 120_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      onStdout?.(text, child, stdout);
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text;
      onStderr?.(text, child, stderr);
    });
    if (input !== undefined) child.stdin?.write(input);
    if (!open) child.stdin?.end();
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

module.exports = { MAIN, ROOT, SPIKES, runCli };
