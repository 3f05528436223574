/** Learning by itself, and its daily schedule. */

/** Options of `autoLearn`, besides those of long calls. */
export interface AutoLearnOptions {
  /** The list of sources, a TOML file (docs/automation.md). Default: `[auto_learn] sources_path`; without it no source. */
  sources_path?: string;
  /** Whether to commit `learning-chunks/` in `repository`, and nothing else; never a push. Default: false. */
  commit?: boolean;
  /**
   * The folder whose `learning-chunks/` is written. Default: `[auto_learn] repository`, else the state folder
   * (`[privacy] state_path`).
   */
  repository?: string;
  /** Whether to wait while another run is under way, instead of rejecting with RUN_IN_PROGRESS. Default: false. */
  wait?: boolean;
  /** Whether only to tell what would be done; nothing is fetched, learned or exported. Default: false. */
  dry_run?: boolean;
}

/** A step of a run. `details` depend on it; counts in them are of this run. */
export interface AutoLearnStep {
  name: 'collect' | 'learn' | 'export' | 'train' | 'commit';
  status: 'done' | 'skipped' | 'failed';
  /** Why it was skipped or failed, or what to know of one that was done; null where there is nothing. */
  reason: string | null;
  details: { [name: string]: unknown };
  seconds: number;
}

/** What came of a source. */
export interface CollectedSource {
  name: string;
  kind: 'folder' | 'repository' | 'pages' | 'feed';
  /** 'partial': some of its pages failed; 'planned': a dry run. */
  status: 'done' | 'partial' | 'failed' | 'planned';
  /** What failed; null where nothing did. */
  reason: string | null;
  /** Files that there are of it. */
  files: number;
  bytes: number;
  /** Files that are as they were before; 0 for a folder. */
  not_modified: number;
  /** `folder` is where its files lie; `commit` that of a repository. */
  details: { folder?: string; commit?: string };
}

/** What a run of `autoLearn` did. */
export interface AutoLearnReport {
  /** The same for a run and for the one that takes it up; '' for a dry run. */
  run_id: string;
  /** Milliseconds since 1970. */
  started_at: number;
  /** Whether it went on with a run that was interrupted less than 20 hours ago. */
  resumed: boolean;
  /** In the order of the names. */
  steps: AutoLearnStep[];
  sources: CollectedSource[];
}

export type ScheduleKind = 'cron' | 'systemd' | 'launchd';

export interface ScheduleOptions {
  /** When, in local time, '00:00' to '23:59'. Default: `[schedule] time`, '02:00'. */
  time?: string;
  /** With which scheduler. Default: the one that has it already, else the one that is there, systemd before cron. */
  kind?: ScheduleKind;
  /** Whether only to tell what would be written and run. Default: false. */
  dry_run?: boolean;
}

/** The daily run of `fluorite-memory auto-learn --quiet`. A user has one. */
export interface Schedule {
  /** null: none. */
  kind: ScheduleKind | null;
  /** Whether it is set up and switched on, or would be. */
  installed: boolean;
  /** null where there is none, or it cannot be told. */
  time: string | null;
  command: string[];
  /** What is, or would be, in which file. For cron `path` is 'crontab' and `content` the whole of the user's. */
  files: { path: string; content: string }[];
  /** The commands that were, or would be, run. */
  commands: string[][];
  /** Whether there was, or is, anything to do. */
  changed: boolean;
}
