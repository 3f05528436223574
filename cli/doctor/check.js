// @ts-check
'use strict';

/**
 * What a check found: a detail where all is well, else the problem and the command that mends it.
 * @typedef {{detail: string} | {problem: string, remedy: string}} Finding
 *
 * @typedef {object} Check
 * @property {string} name
 * @property {string[]} [needs] names of checks without which this one cannot be made
 * @property {(bridge: any) => Finding | Promise<Finding>} work
 *
 * @typedef {{name: string, state: 'ok' | 'problem' | 'skipped', detail: string, remedy: string | null}} Line
 */

/**
 * Makes checks in order, each line told as soon as it is known.
 * @param {Check[]} checks
 * @param {Line[]} lines those of the checks before; the new ones are added
 * @param {(line: Line) => void} tell
 * @param {any} [bridge]
 */
async function makeChecks(checks, lines, tell, bridge) {
  for (const { name, needs = [], work } of checks) {
    const lacking = needs.find((need) => lines.find((line) => line.name === need)?.state !== 'ok');
    const line = lacking === undefined ? await made(name, work, bridge) : skipped(name, lacking);
    lines.push(line);
    tell(line);
  }
}

/**
 * @param {string} name
 * @param {Check['work']} work
 * @param {any} bridge
 * @returns {Promise<Line>}
 */
async function made(name, work, bridge) {
  try {
    const found = await work(bridge);
    return 'problem' in found
      ? { name, state: 'problem', detail: found.problem, remedy: found.remedy }
      : { name, state: 'ok', detail: found.detail, remedy: null };
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    return { name, state: 'problem', detail: message, remedy: remedyOf(code) };
  }
}

/**
 * @param {string} name
 * @param {string} lacking
 * @returns {Line}
 */
function skipped(name, lacking) {
  const { say, sayIfKnown } = require('../language.js');
  const detail = say('doctor.skipped', { name: sayIfKnown(`doctor.name_${lacking}`) ?? lacking });
  return { name, state: 'skipped', detail, remedy: null };
}

const SET_UP = /^(ADDON|PYTHON|LIBPYTHON|MODEL|EXPORT)_/;

/**
 * The command for an error of the engine; null where only its message helps.
 * @param {string} code
 */
function remedyOf(code) {
  if (code === 'STORE_DAMAGED') return 'fluorite-memory repair';
  return SET_UP.test(code) ? 'fluorite-memory setup' : null;
}

module.exports = { makeChecks };
