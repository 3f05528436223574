// @ts-check
'use strict';

module.exports = {
  'auto-learn.description':
    'Learn by itself: collect from the listed sources, learn, write the learning chunks, train\nA source or step that fails is reported and does not stop the others; a run that was interrupted is taken up by the next.',
  'auto-learn.examples':
    'fluorite-memory auto-learn --dry-run\nfluorite-memory auto-learn --sources ./sources.toml\nfluorite-memory auto-learn --commit --repository ../fluorite-mcp',
  'auto_learn.sources': 'TOML file that lists the sources (default: sources_path of the configuration)',
  'auto_learn.repository': 'folder whose learning-chunks/ is written (default: that of the configuration)',
  'auto_learn.commit': 'commit learning-chunks/ there, and nothing else; never a push',
  'auto_learn.wait': 'wait while another run is under way',
  'auto_learn.dry_run': 'only tell what would be done',
  'auto_learn.resumed': 'Goes on with the run that was interrupted.',
  'auto_learn.files': '{count} files, {size}',
  'auto_learn.done': 'done',
  'auto_learn.skipped': 'skipped',
  'auto_learn.failed': 'failed',
  'auto_learn.partial': 'partly',
  'auto_learn.planned': 'planned',
  'auto_learn.step_collect': 'collect',
  'auto_learn.step_learn': 'learn',
  'auto_learn.step_export': 'write learning chunks',
  'auto_learn.step_train': 'train',
  'auto_learn.step_commit': 'commit',
  'auto_learn.some_failed': 'Some steps failed.',

  'schedule.description': 'Show, set up or remove the daily run of auto-learn',
  'schedule.examples':
    'fluorite-memory schedule\nfluorite-memory schedule set --time 03:30\nfluorite-memory schedule set --kind cron --dry-run\nfluorite-memory schedule remove',
  'schedule.set': 'Set it up, or change it; again is harmless',
  'schedule.remove': 'Remove it',
  'schedule.time': 'when, in local time (default: that of the configuration, else 02:00)',
  'schedule.kind': 'with which scheduler (default: the one that is there)',
  'schedule.dry_run': 'only show what would be written and run',
  'schedule.none': 'No daily run is set up.',
  'schedule.daily': 'Every day at {time}, by {kind}: {command}',
  'schedule.dry': 'This was a trial: nothing was written or run.',
};
