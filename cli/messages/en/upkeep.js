// @ts-check
'use strict';

module.exports = {
  'config.description':
    'Show every setting that counts, and where it comes from\nOptions win over FLUORITE_* variables, these over the file, this over the defaults.',
  'config.examples':
    'fluorite-memory config\nfluorite-memory config --json\nfluorite-memory config init\nfluorite-memory config init ~/.config/fluorite/fluorite.toml',
  'config.init': 'Write a TOML file in which every key stands as a comment',
  'config.file': 'the file to write',
  'config.force': 'replace a file that is there',
  'config.key': 'key',
  'config.value': 'value',
  'config.unit': 'unit',
  'config.origin': 'from',
  'config.from_default': 'default',
  'config.from_environment': 'environment',
  'config.from_file': 'file',
  'config.from_option': 'option',
  'config.exists': '{path} is there already. Name another file, or say --force to replace it.',
  'config.written': '{path} is written.',

  'history.description':
    "Show this user's own searches, newest first, or remove them\nThey are kept on this machine alone, outside every repository; docs/privacy.md tells where and how long.",
  'history.examples':
    'fluorite-memory history\nfluorite-memory history --limit 100 --json\nfluorite-memory history --clear',
  'history.clear': 'remove them all',
  'history.cleared': 'Searches removed: {count}',
  'history.hits': '{count} hits',
  'history.empty': 'No searches are kept.',

  'export.description':
    'Write the chunks as a folder to share\nThe same memory gives the same files. Left out, and counted, is what came from feedback or from others, what looks like a secret, and what names a folder of this machine.',
  'export.examples':
    'fluorite-memory export ./learning-chunks\nfluorite-memory export ./learning-chunks --min-quality 0.7',
  'export.folder': 'folder to write, for example ./learning-chunks',
  'export.done': '{chunks} chunks in {files} files, {size}, at {path} ({time})',
  'export.skipped': 'Left out:',

  'import.description':
    "Merge the chunks that someone else exported\nThe memory's own chunks stay as they are; what an earlier import from the same source left is replaced.",
  'import.examples':
    'fluorite-memory import ./learning-chunks\nfluorite-memory import ../team/learning-chunks --source team --trust 0.8',
  'import.folder': 'folder that export wrote',
  'import.trust': 'what the quality of the chunks is multiplied by, 0 to 1 (default: 0.5)',
  'import.source': "whom the chunks are from (default: the folder's name)",
  'import.title': 'From {source}, trusted {trust}',
  'import.imported': '{count} imported',
  'import.replaced': '{count} replaced',
  'import.unchanged': '{count} unchanged',
  'import.kept': '{count} kept as they were',
  'import.rejected': '{count} could not be taken; the others were.',

  'backup.description':
    'Copy the memory into a folder while it stays in use\nThe copy is consistent and can be opened as a memory; what can be made again is left out.',
  'backup.examples':
    'fluorite-memory backup ~/backups/memory-$(date +%F)\nfluorite-memory search login --memory ~/backups/memory-2026-01-01',
  'backup.folder': 'folder to make; it must not be there, or be empty',
  'backup.done': '{chunks} chunks, {size}, at {path} ({time})',

  'verify.description': 'Check everything that is stored',
  'verify.examples': 'fluorite-memory verify\nfluorite-memory verify --json',
  'verify.done': '{chunks} chunks and {embeddings} vectors checked ({time})',
  'verify.problems': 'Problems found: {count}. To mend them: fluorite-memory repair',

  'repair.description':
    'Mend a damaged memory\nWhat cannot be read is put aside and named; everything that is derived is made again.',
  'repair.examples': 'fluorite-memory backup ./before-repair\nfluorite-memory repair',
  'repair.lost': 'lost',
  'repair.nothing': 'Nothing was to be mended ({time}).',
  'repair.done': '{repaired} mended, {lost} lost ({time})',
  'repair.some_lost': 'Some chunks are lost; learn or import them again.',

  'compact.description': 'Give back room on the disk that the memory no longer needs',
  'compact.examples': 'fluorite-memory compact',
  'compact.done': '{before} before, {after} after; {removed} vectors without a chunk removed ({time})',
};
