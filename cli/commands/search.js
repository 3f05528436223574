// @ts-check
'use strict';

const { Failure, EXIT } = require('../failure.js');
const { say } = require('../language.js');
const { fraction, frameworkOption, limitOption, tagOption, collect } = require('../options.js');

/** @type {import('../program.js').CommandModule} */
module.exports = {
  name: 'search',
  define(command) {
    command
      .argument('<words...>', say('search.words'))
      .addOption(limitOption(5))
      .addOption(frameworkOption())
      .addOption(tagOption())
      .option('--type <type>', say('search.type'), collect)
      .option('--min-quality <share>', say('search.min_quality'), fraction)
      .option('--min-score <score>', say('search.min_score'), fraction)
      .option('--id-prefix <prefix>', say('search.id_prefix'))
      .option('--like', say('search.like'))
      .option('--no-fold', say('search.no_fold'))
      .option('--no-model', say('search.no_model'));
  },
  async run(context, words, options) {
    const { withMemory } = require('../memory.js');
    const text = words.join(' ');
    const search = {
      frameworks: options.framework,
      tags: options.tag,
      chunk_type: options.type,
      min_quality_score: options.minQuality,
      min_score: options.minScore,
      id_prefix: options.idPrefix,
      fold: options.fold,
      explain: true,
      signal: context.signal,
    };
    await withMemory(
      context,
      async (bridge) => {
        const hits = await bridge.searchSimilar(options.like ? { like: text } : text, options.limit, search);
        context.result({ query: text, hits, incomplete: hits.incomplete }, () =>
          require('../terminal/hits.js').printHits(context, hits, { whyWordsOnly: options.model }),
        );
        if (hits.length === 0) throw new Failure(context.asJson ? '' : say('search.none'), EXIT.not_found);
      },
      { enable_ml: options.model ? undefined : false },
    );
  },
};
