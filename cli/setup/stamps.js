// @ts-check
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {string} file
 * @returns {any} the parsed value, or null when the file is absent or damaged
 */
function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * @param {string} file
 * @param {unknown} value
 */
function writeJson(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`);
  fs.renameSync(temporary, file);
}

/**
 * Every file below a folder, sorted; an absent folder has none.
 * @param {string} folder
 * @param {RegExp} [pattern] matched against the file's name
 * @returns {string[]} absolute paths
 */
function filesUnder(folder, pattern = /./) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesUnder(full, pattern);
      return pattern.test(entry.name) ? [full] : [];
    })
    .sort();
}

/**
 * @param {string} root paths are hashed relative to it
 * @param {string[]} files
 * @param {string[]} [values] further inputs
 * @returns {string} hexadecimal SHA-256
 */
function hashInputs(root, files, values = []) {
  const hash = crypto.createHash('sha256').update(JSON.stringify(values));
  for (const file of files) {
    hash.update(`\0${path.relative(root, file)}\0`).update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Runs `work` while no other process holds the lock; the lock of a dead process is taken over.
 * @template T
 * @param {string} file
 * @param {(pid: number) => void} onWait called once when another process holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withLock(file, onWait, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (let announced = false; ; ) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const owner = Number(readJson(file));
    if (owner && !isRunning(owner)) {
      fs.rmSync(file, { force: true });
      continue;
    }
    if (!announced) onWait(owner);
    announced = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

module.exports = { filesUnder, hashInputs, readJson, withLock, writeJson };
