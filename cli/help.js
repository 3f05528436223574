// @ts-check
'use strict';

const { say } = require('./language.js');
const { width } = require('./terminal/format.js');

/** Commander's words in help texts. @type {Record<string, import('./language.js').MessageKey>} */
const TITLES = {
  'Usage:': 'help.usage',
  'Arguments:': 'help.arguments',
  'Options:': 'help.options',
  'Global Options:': 'help.global_options',
  'Commands:': 'help.commands',
};

/**
 * Lines of at most `columns`, broken at spaces and after characters of scripts that are written without.
 * @param {string} text
 * @param {number} columns
 */
function wrap(text, columns) {
  const pieces = text.match(/\n|[^\S\n]+|[!-~]+|[^\s!-~][、。」）]*/gu) ?? [];
  const lines = [''];
  for (const piece of pieces) {
    const line = /** @type {string} */ (lines.at(-1));
    if (piece === '\n') lines.push('');
    else if (width(line + piece.trimEnd()) <= columns || line === '') lines[lines.length - 1] += piece;
    else lines.push(piece.trimStart());
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}

/**
 * @param {import('commander').Option | import('commander').Argument} item
 * @returns {string}
 */
function describe(item) {
  const notes = [];
  if (item.argChoices) notes.push(say('help.choices', { choices: item.argChoices.join(', ') }));
  const shown = item.defaultValueDescription ?? JSON.stringify(item.defaultValue);
  const isFlag = typeof item.defaultValue === 'boolean';
  if (item.defaultValue !== undefined && !isFlag && !Array.isArray(item.defaultValue))
    notes.push(say('help.default', { value: shown }));
  return notes.length === 0 ? item.description : `${item.description} (${notes.join('; ')})`;
}

/** @returns {import('commander').HelpConfiguration} */
function helpSettings() {
  return {
    showGlobalOptions: true,
    visibleGlobalOptions: (command) =>
      command.parent?.options.filter((one) => one.long !== '--version') ?? [],
    styleTitle: (title) => (TITLES[title] ? say(TITLES[title]) : title),
    displayWidth: width,
    boxWrap: wrap,
    optionDescription: describe,
    argumentDescription: describe,
  };
}

module.exports = { helpSettings, wrap };
