/** What users say of chunks, and what became of chunks that were used. */

import type { Plain } from './chunks.js';

/**
 * What feedback is about, and what it does to searches for alike queries:
 *
 * - 'search_relevance', 'recommendation', 'similarity': the chunk as an answer to the query, or as something
 *   like it; counts fully.
 * - 'code_generation': code that was made with the chunk; counts half, like a use.
 * - 'general': counts half.
 * - 'pattern_recognition': whether the chunk is a good pattern; its quality alone.
 *
 * Without an `id` there is no chunk to rank: it is kept and counted. With one, all enter `explainQuality`.
 */
export type FeedbackType =
  | 'similarity'
  | 'pattern_recognition'
  | 'recommendation'
  | 'search_relevance'
  | 'code_generation'
  | 'general';

/** accepted: used as it is; edited: used after changes; rejected: not used; failed: did not work. */
export type UseOutcome = 'accepted' | 'edited' | 'rejected' | 'failed';

/**
 * Feedback to keep. Unknown fields are rejected.
 *
 * It counts where a text is searched for, not for a vector or an example. A chunk gains or loses at most
 * 0.15 of its score for queries like this one, and nothing for others: one opinion two fifths of that, ten of
 * the same seven tenths. It counts half after `feedback_half_life_days` (90 by default, under [learning]);
 * after seven times that, or beyond 100,000 feedbacks, the oldest go.
 */
export interface FeedbackInput {
  /** The chunk that it is about. Default: none. */
  id?: string;
  feedback_type: FeedbackType;
  /**
   * What was searched for. The text is not kept: only its vector, and salted hashes of its words. It may be
   * empty for 'general' and 'pattern_recognition'.
   */
  query: string;
  /** What came of it, for example the code that was made. Only its size and a salted hash are kept. */
  result?: string;
  /** 0 (of no use) to 1 (just right); 0.5 is neutral. Default: none; with a correction, 0.25. */
  rating?: number;
  /**
   * The code as it should be. It becomes a chunk with the type ('code' for a template), labels and description
   * of the one that it corrects, and `corrects: id` in its metadata; alike queries find it before that one.
   */
  correction?: string;
  /** Anything else worth keeping with it, at most 16 KiB. Default: {}. */
  metadata?: { [name: string]: Plain };
}

export interface FeedbackResult {
  feedback_id: string;
  /** The id of the correction's chunk; null without one. */
  correction_id: string | null;
}

/** Feedback or a use, as it is kept. */
export interface StoredFeedback {
  feedback_id: string;
  /** 'use' for what `recordUse` kept. */
  feedback_type: FeedbackType | 'use';
  outcome: UseOutcome | null;
  /** The chunk that it is about, which may be gone. */
  id: string | null;
  rating: number | null;
  correction_id: string | null;
  /** Size of the result in bytes of UTF-8. */
  result_bytes: number | null;
  metadata: { [name: string]: Plain };
  /** In milliseconds since 1970. */
  created_at: number;
  /** What time has left of it, 1 to 0. */
  weight: number;
}

export interface FeedbackPage {
  feedback: StoredFeedback[];
  /** Pass it on for the next page; null at the end. */
  cursor: string | null;
}
