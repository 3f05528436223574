// @ts-check
'use strict';

const { isDeepStrictEqual } = require('node:util');
const { FluoriteError } = require('../lib/index.js');

/** @typedef {{command: string, args: string[], env?: Record<string, string>}} Entry */

/**
 * A JSON configuration, comments allowed, with this server's entry in it. What else it holds stays as it is,
 * and so do fields of the entry that are not ours.
 * @param {string} text
 * @param {string[]} place of the entry
 * @param {Record<string, unknown>} entry
 * @returns {string}
 */
function withJsonEntry(text, place, entry) {
  const { parse } = require('jsonc-parser');
  const given = text.trim() === '' ? '{}\n' : text;
  const before = parsedJson(given);
  const there = entryIn(before, place);
  const changes =
    there === undefined
      ? [{ at: place, value: /** @type {unknown} */ (entry) }]
      : Object.entries({ ...entry, ...mergedEnvironment(there, entry) })
          .filter(([name, value]) => !isDeepStrictEqual(there[name], value))
          .map(([name, value]) => ({ at: [...place, name], value }));
  const after = changes.reduce((result, { at, value }) => withValue(result, at, value), given);
  const expected = withEntry(before, place, entry);
  if (!isDeepStrictEqual(parse(after, [], { allowTrailingComma: true }), expected)) throw notEditable();
  return after;
}

/**
 * Sets one value. The library finds the place; with its own formatting it would format the neighbours too.
 * @param {string} text
 * @param {string[]} place
 * @param {unknown} value
 */
function withValue(text, place, value) {
  const { findNodeAtLocation, modify, parseTree } = require('jsonc-parser');
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const [{ offset, length, content }] = modify(text, place, value, {});
  const tree = parseTree(text, [], { allowTrailingComma: true });
  let depth = place.length;
  while (depth > 1 && !(tree && findNodeAtLocation(tree, place.slice(0, depth - 1)))) depth--;
  const nested = place.slice(depth).reduceRight((inner, name) => ({ [name]: inner }), value);
  const lines = JSON.stringify(nested, null, indent).split('\n');
  const margin = eol + indent.repeat(depth);
  let written = lines.join(margin);
  if (length === 0) {
    const isFirst = !content.startsWith(',');
    const end = isFirst ? eol + indent.repeat(depth - 1) : '';
    written = `${isFirst ? '' : ','}${margin}${JSON.stringify(place[depth - 1])}: ${written}${end}`;
  }
  return text.slice(0, offset) + written + text.slice(offset + length);
}

/**
 * The same for TOML: a section of its own, at the end or where it was.
 * @param {string} text
 * @param {string[]} place
 * @param {Record<string, unknown>} entry
 * @returns {string}
 */
function withTomlEntry(text, place, entry) {
  const { parse, stringify } = require('smol-toml');
  const before = /** @type {Record<string, any>} */ (plain(parsedToml(text)));
  const there = entryIn(before, place);
  const expected = withEntry(before, place, entry);
  if (isDeepStrictEqual(before, expected)) return text;
  const [section, name] = place;
  const written = stringify({ [section]: { [name]: expected[section][name] } }).trim();
  // Without a header of its own the section that holds the entries would be defined twice.
  const own = written.split('\n').filter((line) => line.trim() !== `[${section}]`);
  const lines = text.split('\n');
  const kept = there === undefined ? lines : withoutSection(lines, section, name);
  const at = there === undefined ? -1 : kept.findIndex((line, number) => line !== lines[number]);
  const after =
    at < 0
      ? `${kept.join('\n').trimEnd()}\n\n${own.join('\n')}\n`.trimStart()
      : [...kept.slice(0, at), ...own, '', ...kept.slice(at)].join('\n');
  try {
    if (isDeepStrictEqual(plain(parse(after)), expected)) return after;
  } catch {
    // Told below, as any other form that cannot be edited.
  }
  throw notEditable();
}

/**
 * @param {string[]} lines
 * @param {string} section
 * @param {string} name
 */
function withoutSection(lines, section, name) {
  const headers = [`${section}.${name}`, `${section}."${name}"`];
  let inside = false;
  return lines.filter((line) => {
    const header = /^\s*\[+\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (header !== undefined) {
      inside = headers.some((own) => header === own || header.startsWith(`${own}.`));
    }
    return !inside;
  });
}

/** @param {string} text */
function parsedJson(text) {
  const { parse, printParseErrorCode } = require('jsonc-parser');
  /** @type {import('jsonc-parser').ParseError[]} */
  const errors = [];
  const value = parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0) {
    const line = text.slice(0, errors[0].offset).split('\n').length;
    throw new FluoriteError(
      'INVALID_CONFIGURATION',
      `line ${line} is no JSON (${printParseErrorCode(errors[0].error)}). Correct it, then run this again.`,
    );
  }
  return value;
}

/** @param {string} text */
function parsedToml(text) {
  const { parse } = require('smol-toml');
  try {
    return parse(text);
  } catch (error) {
    const { message, line } = /** @type {import('smol-toml').TomlError} */ (error);
    throw new FluoriteError(
      'INVALID_CONFIGURATION',
      `line ${line} is no TOML (${message.split('\n')[0]}). Correct it, then run this again.`,
    );
  }
}

/**
 * @param {any} configuration
 * @param {string[]} place
 * @returns {Record<string, unknown> | undefined}
 */
function entryIn(configuration, place) {
  let value = configuration;
  for (const [depth, name] of ['', ...place].entries()) {
    if (depth > 0) value = value[name];
    if (value === undefined) return undefined;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      const where = depth === 0 ? 'the file' : place.slice(0, depth).join('.');
      throw new FluoriteError(
        'INVALID_CONFIGURATION',
        `${where} is no object. Correct it, then run this again.`,
      );
    }
  }
  return value;
}

/**
 * @param {any} configuration
 * @param {string[]} place
 * @param {Record<string, unknown>} entry
 */
function withEntry(configuration, [section, name], entry) {
  const there = configuration[section]?.[name] ?? {};
  const merged = { ...there, ...entry, ...mergedEnvironment(there, entry) };
  return { ...configuration, [section]: { ...configuration[section], [name]: merged } };
}

/**
 * @param {any} there
 * @param {any} entry
 */
function mergedEnvironment(there, entry) {
  return entry.env === undefined ? {} : { env: { ...there.env, ...entry.env } };
}

/** @param {unknown} value whose objects may have no prototype */
function plain(value) {
  return structuredClone(value);
}

function notEditable() {
  return new FluoriteError(
    'INVALID_CONFIGURATION',
    'its form cannot be edited without changing something else. Add the server by hand.',
  );
}

module.exports = { withJsonEntry, withTomlEntry };
