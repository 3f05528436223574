// @ts-check
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { EXIT, Failure } = require('../failure.js');
const { say, sayIfKnown } = require('../language.js');

/**
 * Checks of an opened memory; that it cannot be opened is the finding of the first of them.
 * @param {import('../context.js').Context} context
 * @param {import('../doctor/check.js').Check[]} checks
 * @param {import('../doctor/check.js').Line[]} lines
 * @param {(line: import('../doctor/check.js').Line) => void} tell
 * @param {string} memory_path
 */
async function inMemory(context, checks, lines, tell, memory_path) {
  const { makeChecks } = require('../doctor/check.js');
  const { withMemory } = require('../memory.js');
  let opened = false;
  try {
    await withMemory(
      context,
      async (bridge) => {
        opened = true;
        await makeChecks(checks, lines, tell, bridge);
      },
      { create: true, memory_path, history: false },
    );
  } catch (error) {
    if (opened || context.signal.aborted) throw error;
    const [first, ...others] = checks;
    const failing = {
      ...first,
      work: () => {
        throw error;
      },
    };
    await makeChecks([failing, ...others.map((one) => ({ ...one, needs: [first.name] }))], lines, tell);
  }
}

/**
 * Where the memory would lie, told even where neither Python nor the configuration can be read.
 * @param {import('../context.js').Context} context
 */
async function placeOf({ options }) {
  const { memoryPath, userMemoryPath } = require('../memory.js');
  try {
    return await memoryPath(options);
  } catch {
    return path.resolve(process.env.FLUORITE_MEMORY_PATH || userMemoryPath());
  }
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'doctor',
  define() {},
  async run(context) {
    const { makeChecks } = require('../doctor/check.js');
    const { INSTALLATION } = require('../doctor/installation.js');
    const { MEMORY_CHECKS, MODEL_CHECKS, placeChecks } = require('../doctor/memory_checks.js');
    const { printable, width } = require('../terminal/format.js');
    const memory = await placeOf(context);
    const there = fs.existsSync(path.join(memory, 'chunks'));
    const all = [...INSTALLATION, ...placeChecks(memory), ...MODEL_CHECKS, ...MEMORY_CHECKS];
    const titleOf = (/** @type {string} */ name) => sayIfKnown(`doctor.name_${name}`) ?? name;
    const columns = Math.max(...all.map(({ name }) => width(titleOf(name))));
    /** @type {import('../doctor/check.js').Line[]} */
    const lines = [];
    const tell = (/** @type {import('../doctor/check.js').Line} */ line) => {
      if (context.asJson || (context.quiet && line.state === 'ok')) return;
      const style = line.state === 'ok' ? 'green' : line.state === 'problem' ? 'red' : 'dim';
      const state = say(line.state === 'skipped' ? 'doctor.skipped_state' : `doctor.${line.state}`);
      const name = titleOf(line.name);
      const shown = `${name}${' '.repeat(columns - width(name))}`;
      context.print(`${context.style(style, state)}  ${shown}  ${printable(line.detail)}`);
      if (line.remedy) context.print(`    ${say('doctor.remedy', { remedy: line.remedy })}`);
    };
    await makeChecks(INSTALLATION, lines, tell);
    await makeChecks(placeChecks(memory), lines, tell);
    const canOpen = lines.every((line) => line.state === 'ok' || ['permissions', 'disk'].includes(line.name));
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'fluorite-doctor-'));
    try {
      if (canOpen) await inMemory(context, MODEL_CHECKS, lines, tell, path.join(temporary, 'memory'));
    } finally {
      fs.rmSync(temporary, { recursive: true, force: true });
    }
    if (canOpen && there) {
      await inMemory(context, MEMORY_CHECKS, lines, tell, memory);
    } else if (!there) {
      const detail = say('doctor.no_memory', { path: memory });
      await makeChecks([{ name: 'store', work: () => ({ detail }) }], lines, tell);
    }
    const problems = lines.filter((line) => line.state === 'problem').length;
    if (context.asJson) context.result({ ok: problems === 0, checks: lines }, () => {});
    if (problems > 0)
      throw new Failure(context.asJson ? '' : say('doctor.problems', { count: problems }), EXIT.problems);
    if (!context.asJson) context.note(say('doctor.all_well'));
  },
};
