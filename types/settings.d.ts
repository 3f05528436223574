/** What a bridge is configured with, and what it keeps of its use. */

/** A key of the configuration, and the value that counts. See docs/configuration.md. */
export interface ConfigurationValue {
  /** Section and name, such as 'memory.cache_size_mb'. */
  key: string;
  /** Paths are absolute. Null: none. */
  value: string | number | boolean | string[] | null;
  origin: 'default' | 'file' | 'environment' | 'option';
  /** The file and line ('/home/me/fluorite.toml:3') or the variable that gave it; null otherwise. */
  source: string | null;
  default: string | number | boolean | string[] | null;
  unit: string | null;
  effect: string;
  /** The environment variable that gives it. */
  variable: string;
}

/** A search by text. See docs/privacy.md. */
export interface Searched {
  /** In milliseconds since 1970. */
  time: number;
  /** At most 1,000 characters of it. */
  query: string;
  /** How many hits were returned. */
  hits: number;
  /** Inside the engine. */
  milliseconds: number;
  /** Of the first hits, at most ten. */
  ids: string[];
}

/** Newest first. */
export interface HistoryPage {
  searches: Searched[];
  /** Pass it on for the next page; null at the end. */
  cursor: string | null;
}
