// @ts-check
'use strict';

/**
 * @typedef {'en' | 'ja'} Language
 * @typedef {keyof typeof import('./messages/en.js')} MessageKey
 */

const LANGUAGES = /** @type {const} */ (['en', 'ja']);

/** @type {Language | undefined} */
let chosen;
/** @type {Record<string, string> | undefined} */
let messages;

/**
 * The language of a locale: of LC_ALL, LC_MESSAGES and LANG the first that is set, as POSIX has it.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Language}
 */
function languageOf(environment) {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return /^ja(?![a-z])/i.test(locale) ? 'ja' : 'en';
}

/** @param {Language} language */
function useLanguage(language) {
  chosen = language;
  messages = undefined;
}

/** @returns {Language} */
function language() {
  chosen ??= languageOf(process.env);
  return chosen;
}

/**
 * A message of the catalogue, with `{name}` replaced by the value of that name.
 * @param {MessageKey} key
 * @param {Record<string, string | number>} [values]
 */
function say(key, values = {}) {
  messages ??= /** @type {Record<string, string>} */ (require(`./messages/${language()}.js`));
  return messages[key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * A message whose key is put together at run time; undefined where the catalogue has none.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
function sayIfKnown(key, values) {
  const known = Object.hasOwn(require('./messages/en.js'), key);
  return known ? say(/** @type {MessageKey} */ (key), values) : undefined;
}

module.exports = { LANGUAGES, language, languageOf, say, sayIfKnown, useLanguage };
