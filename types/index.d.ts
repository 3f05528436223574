/**
 * Fluorite Memory Engine: a local memory of code patterns inside this process.
 *
 * Fields of values are snake_case, methods camelCase. Every method is asynchronous and none blocks the
 * event loop. A method rejects with a {@link FluoriteError}, or with the signal's reason when aborted.
 */

import type { AutoLearnOptions, AutoLearnReport, Schedule, ScheduleOptions } from './automation.js';
import type {
  Chunk,
  ChunkColumns,
  ChunkInput,
  ChunkPage,
  DocumentHit,
  Embeddings,
  ListOptions,
  StoreResult,
} from './chunks.js';
import type { FeedbackInput, FeedbackPage, FeedbackResult, UseOutcome } from './feedback.js';
import type { LearningReport, LearningStats, SourceReport, SpikeWatcher, WatchOptions } from './learning.js';
import type { Backup, Compaction, RepairReport, Verification } from './maintenance.js';
import type { Metrics } from './metrics.js';
import type {
  FrameworkCount,
  FrameworkRelationship,
  IntegrationPatterns,
  PatternCluster,
  QualityExplanation,
} from './patterns.js';
import type { RetrievalReport, TrainingExample, TrainingResult } from './retrieval.js';
import type { SearchHits, SearchOptions, SearchQuery } from './search.js';
import type { ConfigurationValue, HistoryPage } from './settings.js';
import type { ExportOptions, ExportReport, ImportOptions, ImportReport } from './sharing.js';

export type * from './automation.js';
export type * from './chunks.js';
export type * from './feedback.js';
export type * from './learning.js';
export type * from './maintenance.js';
export type * from './metrics.js';
export type * from './patterns.js';
export type * from './retrieval.js';
export type * from './search.js';
export type * from './settings.js';
export type * from './sharing.js';

/**
 * Options of {@link FluoriteBridge.initialize}. Unknown names are rejected. What is left out comes from the
 * environment (`FLUORITE_*`), from a file or from the default: see docs/configuration.md.
 */
export interface InitializeOptions {
  /**
   * Folder that keeps the memory; made if missing. Bridges, workers and processes may share one. Required, here
   * or in the configuration.
   */
  memory_path?: string;
  /** Folder of sentence-transformers models and of their ONNX exports. Default: the package's `models/`. */
  models_path?: string;
  /** Folder of spike templates (`*.json`) that `learnFromSpikes` reads. No default. */
  spike_templates_path?: string;
  /**
   * TOML file of the configuration. Default: the environment variable FLUORITE_CONFIG_PATH, else
   * `./fluorite.toml`, else `fluorite/fluorite.toml` in the user's configuration folder, where there is one.
   */
  config_path?: string;
  /** False: no machine-learning library is ever loaded; search is then by words, or by a given vector. Default: true. */
  enable_ml?: boolean;
  /** Learn only templates whose stack names one of these. Default: [] (all). */
  target_frameworks?: string[];
  /** Whether `learnFromSpikes` skips files that have not changed since the last run. Default: true. */
  enable_incremental_learning?: boolean;
  /** Most texts that go through the model at once. Default: 32. */
  batch_size?: number;
  /** Upper bound of decoded chunks held in memory, in MiB. Default: 512. */
  cache_size_mb?: number;
  /** Whether the texts that are searched for are kept, on this machine alone, for `getHistory`. Default: true. */
  history?: boolean;
  /**
   * Path of the Python interpreter to embed; a process embeds one. Default: the environment variable
   * FLUORITE_PYTHON, else the package's own `.venv`, else `python3` on the PATH.
   */
  python?: string;
}

/** How far a stage of a long call is. */
export interface Progress {
  /**
   * 'store', 'read', 'index', 'embed', 'pairs', 'learn', 'count', 'cluster', 'label', 'collect', 'write', 'import',
   * 'copy', 'check', 'verify', 'verify_embeddings', 'repair', 'wait', 'fetch' or 'commit'.
   */
  stage: string;
  done: number;
  total: number;
  seconds_elapsed: number;
  /** null until it can be judged. */
  seconds_left: number | null;
}

/** Options of calls that may take long. */
export interface LongCallOptions {
  /** Stops the call. What it stored before stays stored. No default. */
  signal?: AbortSignal;
  /** Called at most ten times a second, and at the end of each stage. No default. */
  onProgress?: (progress: Progress) => void;
}

/** A measured passage through the door between the languages. Addresses are decimal digits. */
export interface PingResult {
  received: Uint8Array;
  sent_address: string | null;
  sent_address_in_python: string | null;
  received_address: string | null;
  received_address_in_python: string | null;
}

/**
 * A memory in this process.
 *
 * Buffers of 64 KiB and more are passed in without copying: do not change them before the call settles.
 * They cannot be transferred to another thread afterwards (pass a copy, `buffer.slice()`).
 */
export class FluoriteBridge {
  constructor();
  /** Every key of the configuration as `initialize` with these options would have it. Nothing is opened. */
  static getConfiguration(options?: InitializeOptions): Promise<ConfigurationValue[]>;
  /** The text of a `fluorite.toml` in which every key stands as a comment. */
  static configurationTemplate(options?: { python?: string }): Promise<string>;
  /** Opens a memory. Quick: the model is loaded when it is first needed. */
  initialize(options: InitializeOptions): Promise<void>;
  /** Stores a chunk and resolves to its id once it is on disk; its vector is made in the background. */
  storeChunk(chunk: ChunkInput): Promise<string>;
  /** Stores many chunks, at most 2,000 to a transaction, and makes the vectors that are missing. */
  storeChunks(chunks: ChunkInput[] | ChunkColumns, options?: LongCallOptions): Promise<StoreResult>;
  /** The chunk with this id, or null. */
  getChunk(id: string): Promise<Chunk | null>;
  /** The chunks with these ids, in their order; null where there is none. */
  getChunks(ids: string[]): Promise<(Chunk | null)[]>;
  /** Removes a chunk; resolves to whether there was one. */
  deleteChunk(id: string): Promise<boolean>;
  listChunks(options?: ListOptions): Promise<ChunkPage>;
  /**
   * The chunks that answer a text by words, meaning and quality; or those nearest to a vector; best first.
   * @param limit most hits, 1 to 10,000; default 10
   */
  searchSimilar(query: SearchQuery, limit?: number, options?: SearchOptions): Promise<SearchHits>;
  /** `searchSimilar` for each of many queries, at most 1,000, in one call. */
  searchMany(queries: SearchQuery[], limit?: number, options?: SearchOptions): Promise<SearchHits[]>;
  /** The unit vector of a text. */
  generateEmbedding(text: string): Promise<Float32Array>;
  /** The unit vectors of many texts in one buffer. */
  generateEmbeddings(texts: string[], options?: LongCallOptions): Promise<Embeddings>;
  /**
   * The documents nearest in meaning to a query, best first. Nothing is stored.
   * @param top_k most documents; default 5
   */
  semanticSearch(query: string, documents: string[], top_k?: number): Promise<DocumentHit[]>;
  /**
   * Learns the templates of a folder: what is new, changed or gone since the last run.
   * `path` stands in for `spike_templates_path`.
   */
  learnFromSpikes(options?: LongCallOptions & { path?: string }): Promise<LearningReport>;
  /**
   * Learns what has changed in a folder of templates, and whatever changes from then on. A folder that vanishes
   * takes nothing along; when it is back, the difference is learned. The watcher does not keep the process
   * alive, and ends with `close()`, `shutdown()` or its thread.
   */
  watchSpikes(options?: WatchOptions): Promise<SpikeWatcher>;
  /**
   * Learns the Markdown files (by heading, code with its prose) and library specifications (YAML) below a
   * folder: only what is new, changed or gone since the last run.
   */
  learnFromDocuments(options: LongCallOptions & { path: string }): Promise<SourceReport>;
  /**
   * Learns a folder of code by its syntax; respects .gitignore, passes over vendored, generated and binary
   * files, and stores nothing that looks like a secret.
   */
  learnFromCode(options: LongCallOptions & { path: string }): Promise<SourceReport>;
  /**
   * Learns from the memory's own pairs (what it says of its code, and the code) to find code that nobody has
   * described, and adopts what finds better on pairs it was not trained on. The `learnFrom` methods end with it.
   */
  trainRetrieval(
    options?: LongCallOptions & {
      /** Whether to try again though little has changed since the last attempt. Default: false. */
      force?: boolean;
    },
  ): Promise<RetrievalReport>;
  /** Learns from given examples too, at most 10,000, through the same gate. */
  trainIncremental(examples: TrainingExample[], options?: LongCallOptions): Promise<TrainingResult>;
  /** Goes back to the version of learned retrieval before the one in use; of the last ones three are kept. */
  rollbackLearning(): Promise<{
    /** In use from now on; 0: nothing learned. */
    version: number;
    rolled_back: number;
  }>;
  /** The frameworks that the memory's patterns show, the most frequent first. */
  getFrameworks(
    options?: LongCallOptions & {
      /** Most frameworks, 1 to 10,000. Default: 100. */
      limit?: number;
    },
  ): Promise<FrameworkCount[]>;
  /** What goes with a framework, or with each that the memory knows, surest first. */
  getFrameworkRelationships(
    options?: LongCallOptions & {
      /** However it is written. Default: every pair, and what goes with each. */
      framework?: string;
      /** Least share of all patterns that show both, 0 to 1. Default: 0. */
      min_support?: number;
      /** Most relationships, 1 to 10,000. Default: 100. */
      limit?: number;
    },
  ): Promise<FrameworkRelationship[]>;
  /**
   * What the memory shows of a combination of frameworks; where nothing shows all of them, what it
   * composes of pairs and single ones.
   */
  getIntegrationPatterns(
    frameworks: string[],
    options?: LongCallOptions & {
      /** Most patterns, 1 to 1,000. Default: 20. */
      limit?: number;
    },
  ): Promise<IntegrationPatterns>;
  /** `getIntegrationPatterns(['nextjs', 'laravel'])`. */
  getNextjsLaravelPatterns(options?: LongCallOptions & { limit?: number }): Promise<IntegrationPatterns>;
  /** Clusters of similar patterns, the largest first. A cluster's id stays when the memory grows. */
  getPatternClusters(
    options?: LongCallOptions & {
      /** Most clusters, 1 to 10,000. Default: 50. */
      limit?: number;
      /** Only clusters whose members have it, first those in which most do. Default: all. */
      framework?: string;
    },
  ): Promise<PatternCluster[]>;
  /** What a chunk's quality is made of; null where there is no such chunk. */
  explainQuality(id: string): Promise<QualityExplanation | null>;
  /**
   * Keeps what a user says of a chunk as an answer to a query. Alike queries then find it sooner or later in
   * the list; see {@link FeedbackInput}. A correction becomes a chunk of its own.
   */
  addFeedback(feedback: FeedbackInput): Promise<FeedbackResult>;
  /** Keeps what became of a chunk that was found with a query; it counts half as much as a rating. */
  recordUse(id: string, query: string, outcome: UseOutcome): Promise<{ feedback_id: string }>;
  /**
   * Takes feedback or a use back, with its effect, and removes its correction unless that has been changed
   * since or another feedback brought it too. Resolves to false where there is no such feedback (any more).
   */
  undoFeedback(feedback_id: string): Promise<boolean>;
  /** Feedback and use, newest first. */
  listFeedback(options?: {
    /** Only what was said of this chunk, or brought it as a correction. Default: everything. */
    id?: string;
    /** Most on the page, 1 to 10,000. Default: 100. */
    limit?: number;
    /** Where the page before ended. Default: the beginning. */
    cursor?: string;
  }): Promise<FeedbackPage>;
  /**
   * Writes the memory's chunks as a folder to share: `*.jsonl`, one chunk a line, and `manifest.json`. Equal
   * memories give equal files, and a changed chunk changes one of them. Left out, and counted, is what came
   * from feedback or from others, what looks like a secret, and what names a folder of this machine.
   * @param path for example './learning-chunks'
   */
  exportChunks(path: string, options?: LongCallOptions & ExportOptions): Promise<ExportReport>;
  /**
   * Merges such a folder from someone else. The memory's own chunks stay as they are; what an earlier import
   * from the same source left is replaced. Each chunk has `metadata.source` and `metadata.imported`.
   */
  importChunks(path: string, options?: LongCallOptions & ImportOptions): Promise<ImportReport>;
  getLearningStats(): Promise<LearningStats>;
  /**
   * One run of automatic learning: collects from the listed sources, learns them and the spike templates,
   * writes the learning chunks, trains, and commits if asked to. A source or step that fails is reported and
   * does not stop the others; a run that was interrupted is taken up by the next.
   */
  autoLearn(options?: LongCallOptions & AutoLearnOptions): Promise<AutoLearnReport>;
  /** The daily run that is set up. */
  getSchedule(): Promise<Schedule>;
  /** Sets up the daily run for this memory and configuration; again is harmless. */
  setSchedule(options?: ScheduleOptions): Promise<Schedule>;
  /** Removes the daily run. */
  removeSchedule(options?: Pick<ScheduleOptions, 'dry_run'>): Promise<Schedule>;
  getMetrics(): Promise<Metrics>;
  /** `getMetrics` in the text format that Prometheus scrapes. */
  getPrometheusMetrics(): Promise<string>;
  /** The texts that this user searched for, in whatever process and memory; newest first. */
  getHistory(options?: {
    /** Most searches on the page, 1 to 10,000. Default: 100. */
    limit?: number;
    /** Where the page before ended. Default: the newest. */
    cursor?: string;
  }): Promise<HistoryPage>;
  /** Removes the whole history; resolves to how many searches it held. */
  clearHistory(): Promise<number>;
  /**
   * Copies the memory as it is at one moment, while others go on writing, to a folder that does not exist yet
   * or is empty. The copy can be opened as a memory; its indexes are made again.
   */
  backup(path: string, options?: LongCallOptions): Promise<Backup>;
  /** Reads everything on disk and says what cannot be read or does not fit together. Changes nothing. */
  verify(options?: LongCallOptions): Promise<Verification>;
  /**
   * Makes a damaged memory sound again, and names what is lost. What is taken out is kept in a folder
   * `damaged-…` of the memory. Damaged pages need that no other process has the memory open.
   */
  repair(options?: LongCallOptions): Promise<RepairReport>;
  /**
   * Removes embeddings that no chunk has, and gives unused room back to the disk. Other bridges of this
   * process go on; rejects where another process has the memory open.
   */
  compact(options?: LongCallOptions): Promise<Compaction>;
  /**
   * Measures the door between the languages: sends a buffer, has one made (`receive_bytes`, default 0),
   * and tells where each lies on either side.
   */
  ping(options?: { send?: Uint8Array; receive_bytes?: number }): Promise<PingResult>;
  /** Cancels what still runs, saves and closes. Safe to call again, and at any time. */
  shutdown(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type ErrorCode =
  /** `initialize` has not been awaited. */
  | 'NOT_INITIALIZED'
  /** `initialize` was called twice. */
  | 'ALREADY_INITIALIZED'
  /** The bridge has been shut down. */
  | 'CLOSED'
  /** A value has the wrong type, range or form. */
  | 'INVALID_ARGUMENT'
  /** No option, field or column has this name; the message names the nearest one. */
  | 'UNKNOWN_OPTION'
  /** A vector has the wrong length. */
  | 'DIMENSION_MISMATCH'
  /** A vector holds NaN or infinity, or is all zeros. */
  | 'NOT_FINITE'
  /** Content is above `max_chunk_size`. */
  | 'CHUNK_TOO_LARGE'
  /** The configuration file or an environment variable has a wrong key, type or form. */
  | 'INVALID_CONFIGURATION'
  | 'PATH_NOT_FOUND'
  /** The disk or the operating system refused. */
  | 'STORE_ERROR'
  | 'STORE_DAMAGED'
  /** The call needs the model, and `enable_ml` is false. */
  | 'ML_DISABLED'
  | 'MODEL_NOT_FOUND'
  | 'MODEL_DAMAGED'
  /** The model must be exported first, and PyTorch is not installed. */
  | 'EXPORT_UNAVAILABLE'
  | 'ADDON_NOT_BUILT'
  | 'PYTHON_NOT_FOUND'
  | 'PYTHON_UNSUPPORTED'
  | 'LIBPYTHON_NOT_FOUND'
  | 'PYTHON_PACKAGE_MISSING'
  /** Another run of autoLearn is under way; the message says whose. */
  | 'RUN_IN_PROGRESS'
  /** cron, systemd or launchd is missing, or refused. */
  | 'SCHEDULER_ERROR'
  /** Python could not be started. */
  | 'PYTHON_START_FAILED'
  /** This process already embeds another Python. */
  | 'PYTHON_CONFLICT'
  /** The bridge was shut down during the call. */
  | 'CANCELLED'
  /** A fault of this package: please report it with `traceback`. */
  | 'NOT_CONNECTED'
  | 'JOB_NOT_ACCEPTED'
  | 'JOB_DROPPED'
  | 'INTERNAL';

/** What every method rejects with. The message names the thing and the remedy. */
export class FluoriteError extends Error {
  constructor(
    code: ErrorCode,
    message: string,
    details?: { pythonType?: string; traceback?: string; cause?: unknown },
  );
  readonly name: 'FluoriteError';
  readonly code: ErrorCode;
  /** Name of the Python exception, where it came from Python. */
  readonly pythonType?: string;
  /** Python's traceback, where the error came from Python. */
  readonly traceback?: string;
}
