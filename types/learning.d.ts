/** What runs of learning report. */

import type { LearnedRetrieval, RetrievalReport } from './retrieval.js';

/** Frameworks that patterns have together: canonical names, sorted, and how many patterns are about just these. */
export interface FrameworkCombination {
  frameworks: string[];
  count: number;
}

/** What every run of learning reports. Counts are of files, except where the name says chunks. */
export interface RunReport {
  path: string;
  /** Files read in this run. */
  processed: number;
  new: number;
  changed: number;
  unchanged: number;
  removed: number;
  /** Every file that cannot be learned, or not in full; `line` counts from 1. */
  malformed: { file: string; line: number; reason: string }[];
  chunks_stored: number;
  chunks_removed: number;
  /** Chunks that got their vector in this run. */
  chunks_embedded: number;
  /** Chunks stored in this run with at least `quality_threshold`. */
  high_quality_chunks: number;
  /** Chunks stored in this run that are nearly identical to another of them. */
  duplicates: number;
  /** Chunks stored in this run by `chunk_type`, the commonest first. */
  patterns_by_type: { [chunk_type: string]: number };
  /** The most frequent combinations among the patterns stored in this run, at most 20. */
  framework_combinations: FrameworkCombination[];
  /** Chunks stored in this run by `quality_score`: 0 to below 0.1, 0.1 to below 0.2, … 0.9 to 1. */
  quality_histogram: number[];
  /** Seconds by stage: scan, read_and_store, embed, measure, total. */
  seconds: { [stage: string]: number };
  /** What was learned of how to find it; null without a model. Its seconds come on top. */
  retrieval: RetrievalReport | null;
}

/** What a run of `learnFromSpikes` did. */
export interface LearningReport extends RunReport {
  /** Templates of frameworks other than `target_frameworks`. */
  skipped: number;
  /** Files read in this run whose JSON was mended. */
  repaired: string[];
}

/** What a run of `learnFromDocuments` or `learnFromCode` did. */
export interface SourceReport extends RunReport {
  /** What is not learned, by reason; a folder that is passed over counts once. */
  skipped: { [reason: string]: number };
  /** Every place that looks like a secret, never the secret itself; chunks that hold one are not stored. */
  secrets: { file: string; line: number; kind: string }[];
  /** Chunks stored in this run by language. */
  languages: { [language: string]: number };
  /** Chunks of this run that were left out because of a secret in them. */
  chunks_withheld: number;
}

export interface WatchOptions {
  /** Folder of templates. Default: `spike_templates_path`. */
  path?: string;
  /** Called after each run, the first of which follows at once. No default. */
  onReport?: (report: LearningReport) => void;
  /** Called when a run fails, for example because the folder is gone. Default: a warning of the process. */
  onError?: (error: Error) => void;
}

/** Learns a folder of templates whenever something in it changes, a second later at most, run after run. */
export interface SpikeWatcher {
  /** The folder, as an absolute path. */
  readonly path: string;
  /** Stops it, and waits for the end of a run under way; safe to call again. */
  close(): Promise<void>;
}

export interface LearningStats {
  chunks: number;
  /** When the last run ended, in milliseconds since 1970; null before the first. */
  last_run_at: number | null;
  last_run: LearningReport | null;
  retrieval: LearnedRetrieval;
}
