// @ts-check
'use strict';

const { styleText } = require('node:util');

/** @typedef {'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'inverse' | 'underline'} Style */

/**
 * Whether a stream shows colours: NO_COLOR and FORCE_COLOR say so for all, else the terminal behind it.
 * @param {NodeJS.WriteStream} stream
 */
function hasColors(stream) {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && TERM !== 'dumb' && stream.hasColors();
}

/**
 * @param {NodeJS.WriteStream} stream
 * @returns {(style: Style, text: string) => string} the text as it is where the stream shows no colours
 */
function styleFor(stream) {
  return hasColors(stream) ? styleText : (_style, text) => text;
}

module.exports = { hasColors, styleFor };
