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
};
