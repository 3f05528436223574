/** What passes between the memories of different people. */

/** What `exportChunks` wrote. */
export interface ExportReport {
  path: string;
  chunks: number;
  /** Names of the files that hold the chunks, in order; `manifest.json` lies beside them. */
  files: string[];
  /** Size of all files. */
  bytes: number;
  /** Chunks that were left out, by reason. */
  skipped: { [reason: string]: number };
  seconds: number;
}

/** What `importChunks` did with the chunks of a shared folder. */
export interface ImportReport {
  path: string;
  /** Whom the chunks are from; each has it as `metadata.source`. */
  source: string;
  trust: number;
  /** Chunks under an id that was free. */
  imported: number;
  /** Chunks that are as an import before left them. */
  unchanged: number;
  /** Chunks in the place of what an import before left. */
  replaced: number;
  /** Ids under which the memory keeps a chunk of its own, or one of a source that it trusts as much. */
  kept: number;
  /** What cannot be taken; `line` counts from 1, and 0 is the whole file. */
  rejected: { file: string; line: number; reason: string }[];
  seconds: number;
}

export interface ExportOptions {
  /** Only chunks with at least this `quality_score`, 0 to 1. Default: 0. */
  min_quality_score?: number;
  /** Only chunks whose id starts with this. Default: ''. */
  id_prefix?: string;
}

export interface ImportOptions {
  /** What the chunks' quality is multiplied by, 0 to 1. Default: 0.5. */
  trust?: number;
  /** Whom the chunks are from. Default: the folder's name, or that of the one around `learning-chunks`. */
  source?: string;
}
