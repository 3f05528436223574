// @ts-check
'use strict';

const { Interrupted } = require('./context.js');
const { EXIT, Failure } = require('./failure.js');
const { language, say } = require('./language.js');
const { styleFor } = require('./terminal/style.js');

/** What Commander says, by its code. @type {Record<string, import('./language.js').MessageKey>} */
const USAGE = {
  'commander.unknownOption': 'usage.unknown_option',
  'commander.unknownCommand': 'usage.unknown_command',
  'commander.missingArgument': 'usage.missing_argument',
  'commander.optionMissingArgument': 'usage.option_missing_argument',
  'commander.missingMandatoryOptionValue': 'usage.missing_option',
  'commander.excessArguments': 'usage.excess_arguments',
  'commander.invalidArgument': 'usage.invalid_argument',
  'commander.conflictingOption': 'usage.conflicting_option',
};

/**
 * @param {string} code Commander's
 * @param {string} message Commander's, in which names stand between quotation marks
 */
function usageMessage(code, message) {
  const names = [...message.matchAll(/'([^']*)'/g)].map((match) => match[1]);
  // Of an argument Commander names the value first, of an option the option.
  if (message.startsWith('error: command-argument')) names.reverse();
  const [first = '', second = ''] = names;
  const nearest = message.match(/\(Did you mean (?:one of )?(.*)\?\)/)?.[1];
  const valid = message.match(/ is invalid(?: for argument '[^']*')?\. (.*)/s)?.[1] ?? '';
  const choices = valid.match(/^Allowed choices are (.*)\.$/)?.[1];
  const rule = choices ? say('usage.choices', { choices }) : valid;
  const text = say(USAGE[code], { first, second, rule });
  return nearest ? `${text} ${say('usage.nearest', { nearest })}` : text;
}

/**
 * The engine's message, under a Japanese locale after what its code means and before what to do about it.
 * @param {{code: string, message: string}} error
 */
function engineMessage({ code, message }) {
  if (language() !== 'ja') return message;
  const { meaning, remedy } = require('./messages/ja/engine_errors.js')[code] ?? {};
  return meaning ? `${meaning}\n  ${message}\n  ${say('error.remedy', { remedy })}` : message;
}

/**
 * @param {any} error
 * @param {string[]} args
 * @returns {{code: string, message: string, exitCode: number}}
 */
function explain(error, args) {
  if (error instanceof Interrupted) {
    return { code: 'INTERRUPTED', message: say('interrupt.stopped'), exitCode: EXIT.interrupted };
  }
  if (USAGE[error?.code]) {
    const names = require('./program.js').commandNames();
    const command = args.find((arg) => names.includes(arg));
    const help = say('usage.help', {
      command: ['fluorite-memory', command, '--help'].filter(Boolean).join(' '),
    });
    return {
      code: 'WRONG_USAGE',
      message: `${usageMessage(error.code, error.message)}\n  ${help}`,
      exitCode: EXIT.wrong_usage,
    };
  }
  if (error instanceof Failure) {
    const code = Object.keys(EXIT).find((name) => EXIT[/** @type {keyof EXIT} */ (name)] === error.exitCode);
    return { code: String(code).toUpperCase(), message: error.message, exitCode: error.exitCode };
  }
  if (error?.name === 'FluoriteError') {
    const report = error.code === 'INTERNAL' ? `\n${error.traceback ?? error.stack}` : '';
    return { code: error.code, message: engineMessage(error) + report, exitCode: EXIT.failed };
  }
  if (error?.syscall !== undefined) {
    return { code: error.code, message: error.message, exitCode: EXIT.failed };
  }
  return { code: 'INTERNAL', message: error?.stack ?? String(error), exitCode: EXIT.failed };
}

/**
 * Tells on standard error what went wrong.
 * @param {any} error
 * @param {string[]} args the command line
 * @returns {number} the exit code
 */
function reportError(error, args) {
  if (error?.code === 'commander.help') return EXIT.wrong_usage;
  if (error?.exitCode === 0) return EXIT.done;
  const { code, message, exitCode } = explain(error, args);
  if (message === '') return exitCode;
  const style = styleFor(process.stderr);
  const end = args.indexOf('--');
  const asJson = (end < 0 ? args : args.slice(0, end)).includes('--json');
  const text = asJson
    ? JSON.stringify({ error: { code, message } })
    : `${style('red', say('error.title'))} ${message}`;
  process.stderr.write(`${text}\n`);
  return exitCode;
}

module.exports = { reportError };
