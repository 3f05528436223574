/** What keeping a memory sound and small reports. */

/** A copy that `backup` made: a memory of its own, without indexes. */
export interface Backup {
  path: string;
  /** Size of its files. */
  bytes: number;
  chunks: number;
  seconds: number;
}

/** Something on disk that is not as it should be. */
export interface StoreProblem {
  /** 'pages': the file's pages are damaged, and what they hold cannot be told. */
  kind: 'pages' | 'block' | 'chunk' | 'labels' | 'removal' | 'fact' | 'embedding';
  /** Of the chunk, or a name; null where it cannot be told. */
  id: string | null;
  reason: string;
}

/** What `verify` found. */
export interface Verification {
  /** True where there is no problem. */
  ok: boolean;
  /** How many could be read. */
  checked: { chunks: number; embeddings: number };
  problems: StoreProblem[];
  seconds: number;
}

/** What `repair` did. */
export interface RepairReport {
  repaired: { kind: StoreProblem['kind']; id: string | null; action: string }[];
  /** What could not be saved; null where it is not known whose it was. */
  lost: { id: string | null; reason: string }[];
  seconds: number;
}

/** What `compact` gave back. */
export interface Compaction {
  before_bytes: number;
  after_bytes: number;
  /** Embeddings that no chunk had. */
  embeddings_removed: number;
  seconds: number;
}
