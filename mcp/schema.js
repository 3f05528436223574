// @ts-check
'use strict';

const { z } = require('zod');

/**
 * A schema as the SDK takes it: its JSON Schema without what every one would repeat, and messages that say
 * what was given and what to give.
 * @param {z.ZodObject} schema
 * @returns {import('@modelcontextprotocol/server').StandardSchemaWithJSON<any, any>}
 */
function shown(schema) {
  const standard = schema['~standard'];
  return {
    '~standard': {
      ...standard,
      validate: (/** @type {unknown} */ value) => {
        const parsed = schema.safeParse(value, { reportInput: true });
        if (parsed.success) return { value: parsed.data };
        const names = Object.keys(schema.shape);
        return { issues: parsed.error.issues.map((issue) => ({ message: explained(issue, names) })) };
      },
      jsonSchema: {
        input: (/** @type {any} */ options) => bare(standard.jsonSchema.input(options)),
        output: (/** @type {any} */ options) => bare(standard.jsonSchema.output(options)),
      },
    },
  };
}

/** @param {Record<string, unknown>} schema */
function bare({ $schema, ...rest }) {
  return rest;
}

/**
 * @param {z.core.$ZodIssue} issue
 * @param {string[]} names of the arguments there are
 */
function explained(issue, names) {
  if (issue.code === 'unrecognized_keys') {
    return `There is no argument ${issue.keys.map((key) => `'${key}'`).join(' or ')}. Give ${names.join(', ')}.`;
  }
  if (issue.code === 'custom') return issue.message;
  const where = issue.path.join('.') || 'The arguments';
  if (issue.input === undefined) return `${where} is missing. Give ${expected(issue)}.`;
  return `${where} is ${JSON.stringify(issue.input)?.slice(0, 80)}. Give ${expected(issue)}.`;
}

/** @param {z.core.$ZodIssue} issue */
function expected(issue) {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map((value) => `'${String(value)}'`).join(', ');
    case 'invalid_type':
      return { int: 'a whole number', record: 'an object' }[String(issue.expected)] ?? `a ${issue.expected}`;
    case 'too_small':
      return issue.origin === 'string' ? 'a text that is not empty' : `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const READS = { readOnlyHint: true, openWorldHint: false };
const REPLACES = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false };
const ADDS = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };

module.exports = { ADDS, READS, REPLACES, shown, z };
