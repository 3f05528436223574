#!/usr/bin/env node
// @ts-check
'use strict';

const { LANGUAGES, languageOf, useLanguage } = require('./language.js');

/**
 * The language that `--lang` names, wherever it stands before `--`; help texts must know it before the
 * arguments are parsed.
 * @param {string[]} args
 */
function languageAsked(args) {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const place = own.findLastIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const value = own[place]?.startsWith('--lang=') ? own[place].slice('--lang='.length) : own[place + 1];
  return place < 0 ? undefined : LANGUAGES.find((language) => language === value);
}

/** @param {string[]} args what follows the program's name */
async function main(args) {
  useLanguage(languageAsked(args) ?? languageOf(process.env));
  // A reader that has seen enough, such as head, is no failure.
  process.stdout.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const { buildProgram, commandNames } = require('./program.js');
  const only = commandNames().find((name) => name === args[0]);
  try {
    await buildProgram(only).parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = require('./report_error.js').reportError(error, args);
  }
}

if (require.main === module) main(process.argv.slice(2));

module.exports = { main };
