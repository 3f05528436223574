/** Learned retrieval: what a memory learns of how its code is asked for, and how that is judged. */

/** Mean reciprocal rank at 10, 0 to 1, by language ('ja', 'en'), and of 'all'. */
export interface RanksByLanguage {
  [language: string]: number;
}

/** How many pairs of a text and the code that it asks for there were. */
export interface PairCounts {
  /** Learned from. */
  training_pairs: number;
  /** Never learned from, nor any variant of them: what is learned must find these better. */
  held_out_pairs: number;
  /** Never learned from either: what is learned must not find these worse. */
  general_pairs: number;
}

/** How something learned was judged. */
export interface Verdict {
  /** 'adapter' (where a text lies among code), 'associations' (words of code that go with words of a text),
   * 'fusion' (what words and meaning weigh) or 'reranker' (the order of the best by a look at their code). */
  candidate: string;
  /** Whether it is used. */
  adopted: boolean;
  /** A sentence for people. */
  reason: string;
  /** Each language of each set of pairs, and the sets as a whole (language 'all'). */
  slices: {
    task: string;
    language: string;
    pairs: number;
    /** Mean reciprocal rank at 10. */
    before: number;
    after: number;
    /** The 95 % interval of the mean difference. */
    low: number;
    high: number;
  }[];
}

/** What a run of training did. */
export interface RetrievalReport extends PairCounts {
  /** Whether the run changed what is used. */
  adopted: boolean;
  /** The version in use after the run; 0: nothing learned. */
  version: number;
  /** Why it was adopted or not, for people. */
  reason: string;
  /** On the held-out pairs; empty where nothing was judged. */
  before: RanksByLanguage;
  after: RanksByLanguage;
  verdicts: Verdict[];
  /** Seconds by stage: pairs, embed, terms, each candidate, judge, total. */
  seconds: { [stage: string]: number };
}

/** A text, and what should be found for it: either a text or a stored chunk. */
export interface TrainingExample {
  input_text: string;
  /** The code, as text. */
  expected_output?: string;
  /** Its id, where it is stored. */
  chunk_id?: string;
  /** For the caller's own use. Default: 'general'. */
  task_type?: string;
  /** For the caller's own use; not kept. */
  metadata?: { [name: string]: unknown };
}

/**
 * What a run over examples did. `held_out_pairs` counts the examples that were held out, about three in ten,
 * and `before` and `after` are measured on these.
 */
export interface TrainingResult extends RetrievalReport {
  /** The share of held-out examples whose code came first among all code; null: none could be judged. */
  accuracy: number | null;
  /** Mean cross-entropy in nats of the held-out examples' code among all code; null: none could be judged. */
  loss: number | null;
  /** Examples that were left out; `index` counts from 0. */
  rejected: { index: number; reason: string }[];
}

/** The version of learned retrieval in use. */
export interface LearnedRetrieval {
  /** 0: nothing learned. */
  version: number;
  /** It holds for this model's vectors alone. */
  model_id: string | null;
  pairs: PairCounts | null;
  before: RanksByLanguage;
  after: RanksByLanguage;
  /** In milliseconds since 1970. */
  adopted_at: number | null;
}
