// @ts-check
'use strict';

const fs = require('node:fs');
const { Option } = require('commander');
const { EXIT, Failure, wrongUsage } = require('../failure.js');
const { say } = require('../language.js');
const { fraction, limitOption } = require('../options.js');

const TYPES = [
  'search_relevance',
  'recommendation',
  'similarity',
  'code_generation',
  'pattern_recognition',
  'general',
];
const SEARCHES_LOOKED_AT = 1000;

/** @typedef {import('fluorite-memory-engine').FluoriteBridge} Bridge */

/**
 * The newest search in the user's history that found the chunk.
 * @param {Bridge} bridge
 * @param {string} id
 */
async function lastQueryFor(bridge, id) {
  const { searches } = await bridge.getHistory({ limit: SEARCHES_LOOKED_AT });
  return searches.find((search) => search.ids.includes(id))?.query;
}

/**
 * @param {import('../context.js').Context} context
 * @param {Bridge} bridge
 * @param {string | undefined} id
 * @param {number} limit
 */
async function list(context, bridge, id, limit) {
  const { feedback } = await bridge.listFeedback({ id, limit });
  context.result(feedback, () => {
    const { dateTime, percent, table } = require('../terminal/format.js');
    const rows = feedback.map((one) => [
      one.feedback_id,
      dateTime(one.created_at),
      one.outcome ?? one.feedback_type,
      one.rating === null ? '' : one.rating.toFixed(2),
      percent(one.weight),
      one.id ?? '',
    ]);
    for (const line of table(rows, { right: [3, 4] })) context.print(line);
    if (rows.length === 0) context.note(say('feedback.none'));
  });
}

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'feedback',
  define(command) {
    command
      .argument('[id]', say('feedback.id'))
      .addOption(new Option('--good', say('feedback.good')).conflicts(['bad', 'rating']))
      .addOption(new Option('--bad', say('feedback.bad')).conflicts(['rating']))
      .option('--rating <share>', say('feedback.rating'), fraction)
      .option('--correction <file>', say('feedback.correction'))
      .option('--query <words>', say('feedback.query'))
      .addOption(new Option('--type <type>', say('feedback.type')).choices(TYPES).default(TYPES[0]))
      .option('--list', say('feedback.list'))
      .option('--undo <feedback-id>', say('feedback.undo'))
      .addOption(limitOption(20));
  },
  async run(context, id, options) {
    const { withMemory } = require('../memory.js');
    const rating = options.good ? 1 : options.bad ? 0 : options.rating;
    const says = rating !== undefined || options.correction !== undefined;
    if ([says, options.list, options.undo].filter(Boolean).length !== 1 || (says && id === undefined))
      throw wrongUsage(say('feedback.what'));
    await withMemory(context, async (bridge) => {
      if (options.list) return await list(context, bridge, id, options.limit);
      if (options.undo) {
        const undone = await bridge.undoFeedback(options.undo);
        if (!undone) throw new Failure(say('feedback.not_there', { id: options.undo }), EXIT.not_found);
        return context.result({ undone }, () => context.print(say('feedback.undone')));
      }
      const query = options.query ?? (await lastQueryFor(bridge, id));
      if (query === undefined) throw wrongUsage(say('feedback.no_query', { id }));
      const correction =
        options.correction === undefined
          ? undefined
          : fs.readFileSync(options.correction === '-' ? 0 : options.correction, 'utf8');
      const result = await bridge.addFeedback({ id, feedback_type: options.type, query, rating, correction });
      context.result({ ...result, query }, () => {
        context.print(say('feedback.kept', { id: result.feedback_id, query }));
        if (result.correction_id) context.print(say('feedback.corrected', { id: result.correction_id }));
      });
    });
  },
};
