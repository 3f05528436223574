// @ts-check
'use strict';

module.exports = {
  'memory.none':
    'There is no memory at {path} yet.\n  Make it by learning something: fluorite-memory learn FOLDER\n  or name another: --memory FOLDER',
  'memory.empty': '--memory is empty. Name a folder, or leave the option out.',

  'learn.description':
    'Learn folders: spike templates, documents or code\nWhat a folder holds is detected. Only what is new, changed or gone since the last run is read; nothing that looks like a secret is stored.',
  'learn.examples':
    'fluorite-memory learn ./src/spikes\nfluorite-memory learn ./docs ./src\nfluorite-memory learn --as documents ./handbook\nfluorite-memory learn --dry-run ./src\nfluorite-memory learn --watch ./src/spikes',
  'learn.folder': 'folders to learn (default: spike_templates_path of the configuration)',
  'learn.as': 'learn them as this and detect nothing; may be repeated',
  'learn.watch': 'stay, and learn spike templates whenever they change',
  'learn.watching': 'Watching {path}; Ctrl-C ends it.',
  'learn.watches_spikes':
    '--watch is for folders of spike templates, and {path} is none. Leave it out, or say --as spikes.',
  'learn.dry_run':
    'learn into an empty memory that is thrown away, without the model: tells what would be stored and what is malformed',
  'learn.no_model': 'make no vectors; what is learned is found by its words',
  'learn.no_source':
    'No folder is given. Name one, or set spike_templates_path in fluorite.toml.\n  Example: fluorite-memory learn ./src/spikes',
  'learn.no_folder': 'The folder {path} does not exist.',
  'learn.no_directory': '{path} is a file. Give the folder that holds it.',
  'learn.nothing': '{path} holds nothing that can be learned.',
  'learn.learning': 'Learning {title} in {path}',
  'learn.title': '{title} in {path}',
  'learn.spikes': 'Spike templates',
  'learn.documents': 'Documents',
  'learn.code': 'Code',
  'learn.new': '{count} new',
  'learn.changed': '{count} changed',
  'learn.unchanged': '{count} unchanged',
  'learn.removed': '{count} removed',
  'learn.chunks': '{stored} chunks stored ({good} of high quality), {removed} removed, in {time}',
  'learn.retrieval': 'searching learned from it: {reason}',
  'learn.repaired': '{count} files were mended while they were read',
  'learn.secrets': '{count} chunks were left out because something in them looks like a secret:',
  'learn.malformed': '{count} files could not be learned, or not in full:',
  'learn.was_dry_run': 'This was a trial: nothing was stored.',

  'search.description':
    'Search by words and meaning\nA hit shows its score, id and labels, why it matched, and the lines that say most. Put -- before words that begin with a hyphen.',
  'search.examples':
    'fluorite-memory search retry a failed job\nfluorite-memory search "JWT 認証" --framework hono --limit 3\nfluorite-memory search login --json | jq -r ".hits[].id"\nfluorite-memory search --like nextjs-bff-hono-proxy',
  'search.words': 'what to look for, in English or Japanese',
  'search.type': 'only chunks of this type; may be repeated',
  'search.min_quality': 'only chunks of at least this quality, 0 to 1',
  'search.min_score': 'leave out hits with a lower score, 0 to 1',
  'search.id_prefix': 'only chunks whose id starts with this',
  'search.like': 'the words are the id of a chunk: find others like it',
  'search.no_fold': 'show near-identical chunks as hits of their own',
  'search.no_model': 'search by words alone; starts faster',
  'search.by_words': 'words {part} ({terms})',
  'search.by_meaning': 'meaning {part}',
  'search.by_quality': 'quality {part}',
  'search.variants': '+{count} alike',
  'search.none': 'Nothing was found.',
  'search.behind': 'The index is being made: {count} changes were not searched yet.',
  'search.without_vector': '{count} chunks have no vector yet and were searched by their words alone.',
  'search.words_only': 'Searched by words alone: {reason}',

  'show.description': 'Show chunks by their id',
  'show.examples':
    'fluorite-memory show nextjs-bff-hono-proxy\nfluorite-memory show nextjs-bff-hono-proxy --explain\nfluorite-memory show my-chunk --content > pattern.ts',
  'show.id': 'ids, as search shows them',
  'show.content': 'print the content alone, byte for byte',
  'show.explain': 'also what the quality is made of',
  'show.type': 'type',
  'show.frameworks': 'frameworks',
  'show.tags': 'tags',
  'show.quality': 'quality',
  'show.stored': 'stored',
  'show.quality_parts': 'quality {score} is made of:',
  'show.bytes': '({count} bytes)',
  'show.missing': 'There is no such chunk: {ids}',

  'store.description':
    'Store a chunk from a file or from standard input\nAn id that is there already is replaced. With --lines many are stored, one JSON object a line with the fields of ChunkInput.',
  'store.examples':
    'fluorite-memory store hono-health-check src/health.ts --framework hono --tag monitoring\ngit diff | fluorite-memory store last-fix --type diff\nfluorite-memory store --lines chunks.jsonl',
  'store.id': 'id of the chunk',
  'store.file': 'file with the content; - or nothing: standard input',
  'store.type': "kind of chunk (default: 'code')",
  'store.quality': 'how good it is, 0 to 1 (default: 0.5)',
  'store.metadata': 'anything else to keep with it, as a JSON object',
  'store.lines': 'file of JSON lines with many chunks; - is standard input',
  'store.no_content': 'There is no content. Name a file, or pipe it in: cat FILE | fluorite-memory store ID',
  'store.id_or_lines': 'Give either the id of one chunk or --lines FILE.',
  'store.bad_line': '{file}, line {line}: not valid JSON ({reason}). Nothing was stored; correct that line.',
  'store.stored_many': '{stored} stored, {replaced} replaced',
  'store.rejected': '{count} chunks were not stored; the others were.',
};
