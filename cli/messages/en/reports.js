// @ts-check
'use strict';

module.exports = {
  'patterns.description':
    'Show how frameworks are combined\nWhat the memory shows of the combination; where nothing shows all of them, what it composes of pairs and single ones.',
  'patterns.examples':
    'fluorite-memory patterns nextjs laravel\nfluorite-memory patterns nextjs hono prisma --json',
  'patterns.frameworks': 'frameworks, however they are written',
  'patterns.all': 'All are shown together (patterns: {count}).',
  'patterns.pairs': 'Nothing shows all of them together; some are shown in pairs.',
  'patterns.singles': 'Nothing shows them together; each is shown alone.',
  'patterns.none': 'The memory knows none of them.',
  'patterns.score': 'score {score}',
  'patterns.unknown': 'Not known: {names}',
  'patterns.shown': 'Patterns',
  'patterns.count': '{count}×',
  'patterns.roles': 'Which brings what',
  'patterns.added': 'Usually added',

  'frameworks.description':
    'Show the frameworks that the memory knows, or what goes with one\nWithout a name: each with the number of patterns that show it. With one: what is used together with it, surest first.',
  'frameworks.examples':
    'fluorite-memory frameworks\nfluorite-memory frameworks nextjs\nfluorite-memory frameworks --min-support 0.05 --json',
  'frameworks.framework': 'a framework, however it is written',
  'frameworks.min_support':
    'what goes with it, or with any: least share of all patterns that show both, 0 to 1',
  'frameworks.related': 'goes with',
  'frameworks.kind': 'kind',
  'frameworks.count': 'patterns',
  'frameworks.confidence': 'share',
  'frameworks.lift': 'lift',
  'frameworks.kind_framework': 'framework',
  'frameworks.kind_language': 'language',
  'frameworks.kind_feature': 'feature',
  'frameworks.kind_file': 'file',
  'frameworks.name': 'framework',
  'frameworks.empty': 'The memory knows no framework yet.',
  'frameworks.none': 'The memory knows nothing that goes with it.',

  'clusters.description': 'Show clusters of similar patterns, the largest first',
  'clusters.examples': 'fluorite-memory clusters\nfluorite-memory clusters --framework laravel --limit 5',
  'clusters.framework': 'only clusters whose members have it',
  'clusters.counts': '{size} chunks, {distinct} without copies, coherence {coherence}',
  'clusters.none': 'There are no clusters: too little is stored, or it has no vectors.',

  'stats.description': 'Show what the memory holds, how it is used, and what it has learned',
  'stats.examples':
    'fluorite-memory stats\nfluorite-memory stats --json | jq .chunks\nfluorite-memory stats --prometheus > /var/lib/node_exporter/fluorite.prom',
  'stats.memory': 'Memory at {path}',
  'stats.chunks': 'chunks',
  'stats.store_bytes': 'store',
  'stats.embeddings_bytes': 'vectors',
  'stats.model': 'model',
  'stats.no_model': 'none',
  'stats.python': 'Python',
  'stats.hit_rate': 'cache hit rate',
  'stats.learning': 'Learning',
  'stats.never_learned': 'no spike templates were learned yet',
  'stats.last_run': 'last run {time}, {path}',
  'stats.prometheus': 'print the metrics in the text format of Prometheus',
  'stats.memory_use': 'memory of this process',
  'stats.quality': 'Chunks by quality',
  'stats.combinations': 'Frameworks that came together in the last run',
  'stats.retrieval': 'How well its own pairs are found (MRR@10)',
  'stats.before': 'before learning',
  'stats.after': 'after',
  'stats.searches': 'Searches in the history',
  'stats.kept': 'searches',
  'stats.seconds': 'Where the time of the last run went',
};
