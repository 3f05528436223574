// @ts-check
'use strict';

const { say } = require('../language.js');
const { duration } = require('../terminal/format.js');
const { LiveLine } = require('../terminal/live_line.js');

/** @typedef {(text: string, done?: number, total?: number) => void} Note */

/** Below this share of what was to be done, a guess of the time left would mislead. */
const WORTH_TELLING = 0.03;

/**
 * Numbered steps on standard error. Lines of steps that had nothing to do are held back until one has, so
 * that an unchanged set-up prints a single line.
 */
class Steps {
  /**
   * @param {number} total number of steps
   * @param {{quiet?: boolean}} [options]
   */
  constructor(total, options) {
    this.total = total;
    this.line = new LiveLine(options);
    this.started = Date.now();
    this.number = 0;
    /** @type {string[]} */
    this.unchanged = [];
    this.worked = false;
  }

  /** @param {string} line */
  print(line) {
    this.line.print(line);
  }

  /** @param {string} title */
  skip(title) {
    this.number += 1;
    const line = `[${this.number}/${this.total}] ${say('steps.up_to_date', { title })}`;
    if (this.worked) this.print(line);
    else this.unchanged.push(line);
  }

  /**
   * Runs one step, showing its notes, the time elapsed and, where a note counts, the time left.
   * @template T
   * @param {string} title
   * @param {(note: Note) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async step(title, work) {
    if (!this.worked) for (const line of this.unchanged) this.print(line);
    this.worked = true;
    this.number += 1;
    const label = `[${this.number}/${this.total}] ${title}`;
    const started = Date.now();
    let text = say('steps.started');
    let left = '';
    /** @type {{at: number, done: number} | undefined} */
    let counted;
    const show = () => this.line.update(`${label}: ${text} (${duration(Date.now() - started)}${left})`);
    show();
    const timer = setInterval(show, 1000);
    try {
      const result = await work((note, done = 0, total = 0) => {
        text = note;
        if (total > 0) counted ??= { at: Date.now(), done };
        left =
          counted === undefined ? '' : timeLeft(Date.now() - counted.at, done - counted.done, total - done);
        show();
      });
      this.line.end(`${label}: ${say('steps.done', { time: duration(Date.now() - started) })}`);
      return result;
    } catch (error) {
      this.line.end(`${label}: ${say('steps.failed', { time: duration(Date.now() - started) })}`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  finish() {
    const time = duration(Date.now() - this.started);
    this.print(say(this.worked ? 'setup.complete' : 'setup.up_to_date', { time }));
  }
}

/**
 * @param {number} elapsed milliseconds since counting began
 * @param {number} done counted in that time
 * @param {number} rest
 */
function timeLeft(elapsed, done, rest) {
  if (rest <= 0 || done < WORTH_TELLING * (done + rest)) return '';
  return `, ${say('progress.left', { time: duration((elapsed * rest) / done) })}`;
}

module.exports = { Steps };
