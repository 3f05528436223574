/** Chunks: what is stored, listed and embedded. */

import type { ErrorCode } from './index.js';

/** JSON-like values that metadata may hold. */
export type Plain = string | number | boolean | null | Plain[] | { [name: string]: Plain };

/** A chunk to store. Unknown fields are rejected. */
export interface ChunkInput {
  /** 1 to 4,096 bytes of UTF-8. Storing an id again replaces its chunk. */
  id: string;
  /** Text or bytes, at most `max_chunk_size` (1 MiB by default). It comes back as the kind it was given. */
  content: string | Uint8Array;
  /** What kind of chunk it is. Default: 'code'. */
  chunk_type?: string;
  /** Frameworks and libraries it is about; found by `listChunks({ framework })`. Default: []. */
  frameworks?: string[];
  /** Topics; found by `listChunks({ tag })`. Default: []. */
  tags?: string[];
  /** How good it is, 0 to 1. Default: 0.5. */
  quality_score?: number;
  /** Anything else worth keeping with it. Default: {}. */
  metadata?: { [name: string]: Plain };
  /** Its vector in the model's space, 384 numbers; normalised when stored. Default: made from the content. */
  embedding?: Float32Array;
}

/** Many chunks as columns: one entry per chunk in each. */
export interface ChunkColumns {
  ids: string[];
  contents: (string | Uint8Array)[];
  /** n × 384 numbers, row by row, in one buffer. It is read without copying. */
  embeddings?: Float32Array;
  chunk_types?: string[];
  frameworks?: string[][];
  tags?: string[][];
  quality_scores?: number[];
  metadata?: { [name: string]: Plain }[];
}

/** A stored chunk. */
export interface Chunk {
  id: string;
  content: string | Uint8Array;
  chunk_type: string;
  frameworks: string[];
  tags: string[];
  /** 0 to 1. */
  quality_score: number;
  metadata: { [name: string]: Plain };
  /** When its id was first stored, in milliseconds since 1970. */
  created_at: number;
  /** When it was last stored, in milliseconds since 1970. */
  updated_at: number;
}

export interface ListOptions {
  /** Only ids that start with this. Default: ''. */
  prefix?: string;
  /** Only chunks of this framework, whatever its letter case. */
  framework?: string;
  /** Only chunks with this tag, whatever its letter case. */
  tag?: string;
  /** Most chunks on the page, 1 to 10,000. Default: 100. */
  limit?: number;
  /** Where the page before ended. Default: the beginning. */
  cursor?: string;
}

/** A page of chunks: by ascending id, or with a framework or tag in the order of writing. */
export interface ChunkPage {
  chunks: Chunk[];
  /** Pass it on for the next page; null at the end. */
  cursor: string | null;
}

/** A document near a query. */
export interface DocumentHit {
  document_index: number;
  document_content: string;
  /** Cosine, -1 to 1. */
  similarity_score: number;
}

export interface StoreResult {
  /** Chunks whose id was new. */
  stored: number;
  /** Chunks that took the place of an older one. */
  replaced: number;
  /** Chunks that were not stored, and why; the others were. */
  rejected: { id: string; code: ErrorCode; message: string }[];
}

export interface Embeddings {
  /** rows × dimensions numbers, row by row; every row has unit length. */
  data: Float32Array;
  rows: number;
  dimensions: number;
}
