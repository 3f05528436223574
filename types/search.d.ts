/** Searching: what is asked, what may be asked for, and what is found. */

import type { Chunk } from './chunks.js';

/** A text, a vector of the model's space, or the id of a stored chunk to find others like it. */
export type SearchQuery = string | Float32Array | { like: string };

/** One name, several of which any will do, or several that must all be there. Letter case does not count. */
export type LabelFilter = string | string[] | { any: string[] } | { all: string[] };

export interface SearchOptions {
  /** Leave out hits with a lower score. Default: none is left out. */
  min_score?: number;
  /** Only chunks of these frameworks. */
  frameworks?: LabelFilter;
  /** Only chunks with these tags. */
  tags?: LabelFilter;
  /** Only chunks of this type, or of one of these. */
  chunk_type?: string | string[];
  /** Only chunks of at least this quality, 0 to 1. */
  min_quality_score?: number;
  /** Only chunks whose id starts with this. */
  id_prefix?: string;
  /** Only chunks stored after this: a date, an ISO 8601 text or milliseconds since 1970. */
  updated_after?: Date | string | number;
  /** Never these chunks, at most 10,000. */
  exclude_ids?: string[];
  /**
   * Whether near-identical chunks, and a template with its files, become one hit with a count.
   * Default: true, for a vector false.
   */
  fold?: boolean;
  /** Whether each hit tells the parts of its score. Default: false. */
  explain?: boolean;
  /**
   * Whether a text waits for the model when that is not loaded yet. False: it is answered by its words
   * meanwhile, and `incomplete.words_only` says so. Default: true.
   */
  wait_for_model?: boolean;
  /** Another weight for parts of the score. Default: those of the memory; for a vector the cosine alone. */
  weights?: { lexical?: number; dense?: number; quality?: number; feedback?: number };
  /** Stops waiting for the answer. No default. */
  signal?: AbortSignal;
}

/** A found chunk. */
export interface SearchHit extends Chunk {
  /** For a text: how well words, meaning and quality agree, 0 to 1. For a vector: the cosine, -1 to 1. */
  score: number;
  /** How many more of the best chunks were folded into this one. */
  variants: number;
  /** The parts of the score; only with `explain: true`. */
  explanation?: Explanation;
}

/** What made a score. */
export interface Explanation {
  /** BM25 of the query's words, and that as a share of the most a chunk could reach; null without a text. */
  lexical: { bm25: number; share: number; matched_terms: string[] } | null;
  /** Cosine of the vectors; null where either has none. */
  cosine: number | null;
  /**
   * What learned retrieval did to the score of this chunk; null where nothing. `cosine` is the one that
   * `parts.dense` comes from instead of that above: of the text as the memory has learned to read it, brought
   * level with other chunks' cosines; null where only terms were added. `added_terms` were looked for too.
   */
  learned: { version: number; cosine: number | null; added_terms: string[] } | null;
  quality_score: number;
  /**
   * What each part added to the score. `reranking` is what looking at the code of the best candidates added or
   * took, where a memory has learned to (`trainRetrieval`) and all that may be found is code without a
   * description; otherwise 0.
   */
  parts: { lexical: number; dense: number; quality: number; reranking: number; feedback: number };
  /** What was said of this chunk, or of one folded into it, for alike queries; null if nothing was. */
  feedback: FeedbackExplanation | null;
  /** Ids of the chunks that were folded into this hit. */
  variant_ids: string[];
}

/** Feedback and use behind a hit's place. */
export interface FeedbackExplanation {
  /** How like this query the likest one is that feedback was given for, 0 to 1. */
  likeness: number;
  /** How many feedbacks, uses and corrections speak for the chunk, and how many against it. */
  positive: number;
  negative: number;
  /** When the last was given, in milliseconds since 1970. */
  last_at: number;
}

/** Hits, best first. */
export interface SearchHits extends Array<SearchHit> {
  /** Null where everything stored was searched in every way; otherwise what was not. */
  readonly incomplete: Incomplete | null;
}

/** Why an answer may lack something; the rest is being made in the background. */
export interface Incomplete {
  /** Writes that an index which is being built does not hold yet. */
  changes_behind: number;
  /** Chunks whose vector is not made yet; they are found by their words. */
  without_vector: number;
  /** Why the text was compared by its words alone; null if it was not. */
  words_only: string | null;
}
