// @ts-check
'use strict';

const { InvalidArgumentError, Option } = require('commander');
const { say } = require('./language.js');

/** @param {string} text */
function wholeNumber(text) {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(say('usage.whole_number'));
  return Number(text);
}

/** @param {string} text */
function fraction(text) {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError(say('usage.fraction'));
  return value;
}

/**
 * @param {string} text
 * @param {string[]} before
 */
const collect = (text, before = []) => [...before, text];

/** @param {string} text */
function jsonObject(text) {
  try {
    const value = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch {}
  throw new InvalidArgumentError(say('usage.json_object'));
}

/**
 * @param {number} standard
 * @param {import('./language.js').MessageKey} [description]
 */
function limitOption(standard, description = 'option.limit') {
  return new Option('-n, --limit <count>', say(description)).argParser(wholeNumber).default(standard);
}

const frameworkOption = () =>
  new Option('-f, --framework <name>', say('option.framework')).argParser(collect);
const tagOption = () => new Option('-t, --tag <name>', say('option.tag')).argParser(collect);

module.exports = {
  collect,
  fraction,
  frameworkOption,
  jsonObject,
  limitOption,
  tagOption,
  wholeNumber,
};
