// @ts-check
'use strict';

module.exports = {
  'auto-learn.description':
    'Collect from the listed sources, learn, export, train, and commit if asked\nOne run of these steps; a source or a step that fails does not stop the others. A run that was interrupted is taken up by the next. docs/automation.md tells how sources are listed.',
  'auto-learn.examples':
    'fluorite-memory auto-learn --dry-run --sources sources.toml\nfluorite-memory auto-learn --sources sources.toml\nfluorite-memory auto-learn --commit --repository .\nfluorite-memory auto-learn --quiet || echo "something failed"',
  'auto_learn.sources_file': 'the list of sources, a TOML file (default: that of the configuration)',
  'auto_learn.commit': 'commit learning-chunks/ of the repository, and nothing else; never a push',
  'auto_learn.repository':
    'folder whose learning-chunks/ is written (default: that of the configuration, else the state folder)',
  'auto_learn.wait': 'wait while another run is under way',
  'auto_learn.dry_run': 'only tell what would be done; nothing is fetched or written',
  'auto_learn.resumed': 'Going on with the run that was interrupted.',
  'auto_learn.step_collect': 'collect',
  'auto_learn.step_learn': 'learn',
  'auto_learn.step_export': 'export',
  'auto_learn.step_train': 'train',
  'auto_learn.step_commit': 'commit',
  'auto_learn.done': 'done',
  'auto_learn.partial': 'in part',
  'auto_learn.skipped': 'skipped',
  'auto_learn.failed': 'failed',
  'auto_learn.planned': 'planned',
  'auto_learn.kind_folder': 'folder',
  'auto_learn.kind_repository': 'repository',
  'auto_learn.kind_pages': 'pages',
  'auto_learn.kind_feed': 'feed',
  'auto_learn.learned': '{stored} chunks stored, {removed} removed',
  'auto_learn.exported': '{chunks} chunks in {path}',
  'auto_learn.committed': '{files} files in {commit}',
  'auto_learn.sources': 'Sources',
  'auto_learn.files': '{count} files',
  'auto_learn.problems': 'Something failed; the rest was done. Run it again when the reason above is mended.',

  'schedule.description':
    'Show, set up or remove the daily run of auto-learn\nWith systemd, cron, or launchd on macOS, by what is there. A user has one daily run; set up again, it replaces itself.',
  'schedule.examples':
    'fluorite-memory schedule\nfluorite-memory schedule set --dry-run\nfluorite-memory schedule set --time 03:30\nfluorite-memory schedule set --kind cron\nfluorite-memory schedule remove',
  'schedule.show': 'Show the daily run that is set up',
  'schedule.set': 'Set up the daily run for this memory and configuration',
  'schedule.remove': 'Remove the daily run',
  'schedule.time': 'when, in local time (default: that of the configuration, else 02:00)',
  'schedule.kind': 'with which scheduler (default: the one that has it, else the one that is there)',
  'schedule.dry_run': 'only show every file and command; nothing is written or run',
  'schedule.every_day': 'Every day at {time}, by {kind}',
  'schedule.switched_off':
    'At {time} by {kind}, but switched off. To switch it on: fluorite-memory schedule set',
  'schedule.unknown_time': 'an unknown time',
  'schedule.none': 'No daily run is set up. To set one up: fluorite-memory schedule set',
  'schedule.would_hold': '{path} would hold:',
  'schedule.would_remove': '{path} would be removed.',
  'schedule.would_run': 'These commands would be run:',
  'schedule.nothing_to_do': 'There is nothing to change.',
  'schedule.was_set': 'It is set up.',
  'schedule.was_so': 'It was set up so already.',
  'schedule.removed': 'The daily run is removed.',
  'schedule.nothing_removed': 'No daily run was set up.',
};
