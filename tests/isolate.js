// @ts-check
'use strict';

/** Keeps what requires this, and its children, away from the user's own configuration, history and logs. */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const KEPT = ['FLUORITE_PYTHON', 'FLUORITE_TEST_PYTHONS'];

if (process.env.FLUORITE_CONFIG_PATH !== os.devNull) {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('FLUORITE_') && !KEPT.includes(name)) delete process.env[name];
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-state-'));
  process.env.FLUORITE_CONFIG_PATH = os.devNull;
  process.env.FLUORITE_STATE_DIR = folder;
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
}
