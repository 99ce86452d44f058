import type { ResourceFacts } from '../api/resource-facts.ts';

/** What the API server serves, as discovery tells. Kinds come and go while controllers run. */
export interface ServedResources {
  /** The same array until something has changed. */
  current(): readonly ResourceFacts[];
  /** Calls `listener` after a change. The answer stops it. */
  onChange(listener: () => void): () => void;
}
