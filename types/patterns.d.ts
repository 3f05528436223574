/** What the patterns of a memory have in common. */

/** [low, high] of a 95 % interval. */
export type Interval = [number, number];

/** How many patterns show a framework. */
export interface FrameworkCount {
  framework: string;
  count: number;
}

/** A template with its files and variants is one pattern, and so is any other chunk. */
export interface FrameworkRelationship {
  framework: string;
  related: string;
  kind: 'framework' | 'language' | 'feature' | 'file';
  /** Patterns that show both. */
  count: number;
  /** Share of all patterns. */
  support: number;
  /** Share of the patterns with `framework`. */
  confidence: number;
  confidence_interval: Interval;
  /** How many times more often together than chance has it. */
  lift: number;
  /** Pointwise mutual information in bits, shrunk towards 0. */
  pmi: number;
  /** Lower end of its 95 % interval; results are ordered by it. */
  pmi_lower: number;
  /** The best patterns that show it, at most 5. */
  evidence_ids: string[];
}

/** Patterns that show the same frameworks of those that were asked for. */
export interface IntegrationPattern {
  frameworks: string[];
  count: number;
  /** 0 to 1, the sum of `parts`. */
  score: number;
  parts: { coverage: number; quality: number; evidence: number };
  evidence_ids: string[];
}

/** What a framework brings to a role such as routing, auth or tests. */
export interface Contribution {
  framework: string;
  role: string;
  count: number;
  share: number;
  /** Whether it has the best to show for the role among those that were asked for. */
  suggested: boolean;
  chunk_ids: string[];
}

/** What is usually added to such a combination. */
export interface Addition {
  related: string;
  kind: 'framework' | 'feature';
  with_frameworks: string[];
  count: number;
  confidence: number;
  confidence_interval: Interval;
  score: number;
  evidence_ids: string[];
}

export interface IntegrationPatterns {
  /** By their common names. */
  frameworks: string[];
  /** Those of which no pattern is known. */
  unknown: string[];
  /** all: one pattern shows all; pairs: some are shown together; singles: none are; none: none is known. */
  coverage: 'all' | 'pairs' | 'singles' | 'none';
  /** The same in a sentence. */
  summary: string;
  /** 0 to 1, the sum of `parts`. */
  score: number;
  parts: { together: number; pairs: number; pieces: number; quality: number };
  patterns: IntegrationPattern[];
  contributions: Contribution[];
  usually_added: Addition[];
  evidence_ids: string[];
}

export interface PatternCluster {
  id: string;
  /** Distinctive words, in the language of most members. */
  label: string;
  language: 'ja' | 'en';
  terms: string[];
  /** Chunks. */
  size: number;
  /** Chunks without copies. */
  distinct: number;
  /** Mean cosine of the members to their centre. */
  coherence: number;
  /** How many of the members that were read (at most 200) have each. */
  frameworks: { [name: string]: number };
  /** Ids of the most typical members, at most 5. */
  exemplars: string[];
}

/** A measured property: it adds `weight × value` to the score, a deduction `weight × (value - 1)`. */
export interface QualityPart {
  property: string;
  /** 0 to 1. */
  value: number;
  weight: number;
  contribution: number;
}

export interface QualityExplanation {
  /** 0 to 1, the sum of the contributions. */
  score: number;
  parts: QualityPart[];
}
