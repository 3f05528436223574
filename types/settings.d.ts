/** What a bridge is configured with. */

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
