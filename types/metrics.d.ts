/** What `getMetrics` tells. */

import type { LearningReport } from './learning.js';
import type { LearnedRetrieval } from './retrieval.js';

/** Counts of a cache since this process opened it; sizes in bytes. */
export interface CacheMetrics {
  entries: number;
  bytes: number;
  capacity_bytes: number;
  hits: number;
  misses: number;
  /** Hits among all lookups, 0 to 1; null before the first. */
  hit_rate: number | null;
}

/** An index's state; more counts than these depend on its kind. */
export interface IndexMetrics {
  /** Writes that it does not hold yet. */
  behind: number;
  /** It holds every write up to this one. */
  sequence: number;
  /** Whether its files were missing or unusable and it was, or is being, made anew. */
  rebuilt: boolean;
  [count: string]: unknown;
}

/** Milliseconds inside the engine since this process opened the memory, within 4.5 %; null before the first. */
export interface LatencyMetrics {
  /** Searches. Of a `searchMany` each query counts, with its share of the call's time. */
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

/** A run of learning that goes on in this process. */
export interface RunningOperation {
  /** 'learn_from_spikes', 'learn_from_code' … */
  operation: string;
  /** In milliseconds since 1970. */
  started_at: number;
  /** Null before it has told how far it is. */
  stage: string | null;
  done: number | null;
  total: number | null;
  seconds_left: number | null;
}

/** Counts and sizes, read from the stores themselves. */
export interface Metrics {
  version: string;
  /** Of the embedded interpreter. */
  python_version: string;
  /** Python modules that this process has imported, sorted. */
  python_modules: string[];
  chunks: number;
  /** The number of the newest write. */
  sequence: number;
  store_bytes: number;
  embeddings_bytes: number;
  cache: CacheMetrics;
  /** Chunks with a quality score from 0 to 0.1, and so on to 1; null while the catalog is not open. */
  quality_histogram: number[] | null;
  /** By what was searched with; an example (`{ like }`) counts as a text. */
  searches: { text: LatencyMetrics; vector: LatencyMetrics };
  learning: {
    running: RunningOperation[];
    /** Of `learnFromSpikes`, in milliseconds since 1970; null before the first. */
    last_run_at: number | null;
    last_run: LearningReport | null;
  };
  /** How well this memory's own pairs are found, before and after learning from them; null where it has not. */
  retrieval: LearnedRetrieval | null;
  /** Bytes of this process, Node's included; null where the system does not tell. */
  memory_use: {
    resident_bytes: number | null;
    /** What only this process has: the heaps of both languages. */
    anonymous_bytes: number | null;
    /** Pages of files, which the system can drop and read again: the store, the indexes, the model. */
    file_backed_bytes: number | null;
    peak_resident_bytes: number;
  };
  history: {
    /** Whether searches are kept. */
    enabled: boolean;
    /** The state folder: history and logs. Null where the user has no home. */
    path: string | null;
    /** Why the last search could not be kept; null if it was. */
    error: string | null;
  };
  /** What is derived from the chunks. Null: not opened by this process yet. */
  index: {
    /** Filters, folding and ranking. */
    catalog: IndexMetrics | null;
    /** Words. */
    lexical: IndexMetrics | null;
    /** Vectors of this memory's model; `pending` chunks wait for theirs. */
    vectors: (IndexMetrics & { pending: number }) | null;
  };
  embedding: {
    enabled: boolean;
    model: string;
    precision: 'fp32' | 'int8';
    model_id: string | null;
    dimensions: number | null;
    loaded: boolean;
    cache: CacheMetrics | null;
    /** Why the last embedding in the background failed; null if it did not. */
    background_error: string | null;
  };
}
