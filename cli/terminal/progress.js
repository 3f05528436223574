// @ts-check
'use strict';

const { say, sayIfKnown } = require('../language.js');
const { duration, number } = require('./format.js');
const { LiveLine } = require('./live_line.js');

const BAR_COLUMNS = 24;
const SHORTEST_SHOWN_SECONDS = 0.3;

/** @typedef {import('fluorite-memory-engine').Progress} Progress */

/** Shows the progress of a long call: a bar with the time left on a terminal, plain lines elsewhere. */
class ProgressDisplay {
  /** @param {{quiet?: boolean}} [options] */
  constructor(options) {
    this.line = new LiveLine(options);
    this.stage = '';
    /** @type {(progress: Progress) => void} */
    this.onProgress = (progress) => this.show(progress);
  }

  /** @param {Progress} progress */
  show({ stage, done, total, seconds_elapsed, seconds_left }) {
    if (stage !== this.stage) {
      this.line.printedAt = 0;
      this.stage = stage;
    }
    if (seconds_elapsed < SHORTEST_SHOWN_SECONDS) return;
    const title = sayIfKnown(`stage.${stage}`) ?? stage;
    const count = say('progress.count', { done: number(done), total: number(total) });
    if (total > 0 && done >= total) {
      this.line.end(`${title}: ${count} (${duration(seconds_elapsed * 1000)})`);
      return;
    }
    const left =
      seconds_left === null ? '' : `, ${say('progress.left', { time: duration(seconds_left * 1000) })}`;
    const filled = total > 0 ? Math.floor((done / total) * BAR_COLUMNS) : 0;
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR_COLUMNS - filled)}] `;
    this.line.update(`${title}: ${this.line.rewrites ? bar : ''}${count}${left}`);
  }

  clear() {
    this.line.clear();
  }
}

module.exports = { ProgressDisplay };
