import type { KubeObject, ObjectKey } from '../apimachinery/object.ts';

export type InformerChange<T> =
  | { readonly type: 'added'; readonly object: Readonly<T> }
  | { readonly type: 'updated'; readonly object: Readonly<T>; readonly old: Readonly<T> }
  | { readonly type: 'deleted'; readonly object: Readonly<T> };

/**
 * A live copy of all objects of one kind (within a selector), kept by list and watch. Objects are frozen and shared.
 * Handlers are called in the order of revisions, after the copy has changed.
 */
export interface Informer<T extends KubeObject> {
  get(key: ObjectKey): Readonly<T> | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly Readonly<T>[];
  /**
   * Objects for which the named index yields `value`. Indexes are given when the informer is made; `owner` (uid of the
   * controller), `owners` (uid of each owner) and `orphans` (namespace of what has no controller) always exist.
   */
  byIndex(index: string, value: string): readonly Readonly<T>[];
  /** Adds an index to a shared informer; naming one that exists changes nothing. */
  addIndex(index: string, valuesOf: (object: Readonly<T>) => readonly string[]): void;
  /** First calls `handler` with `added` for every object already there. The returned function removes the handler. */
  onChange(handler: (change: InformerChange<T>) => void): () => void;
  /** Resolves when the first list has arrived. */
  synced(): Promise<void>;
  hasSynced(): boolean;
  /**
   * Resolves when everything up to `resourceVersion` has been seen here (an event or a bookmark), or after `timeoutMs`
   * with false.
   */
  reached(resourceVersion: string, timeoutMs: number): Promise<boolean>;
  /**
   * Lists everything again, soon: for who suspects that an event was lost. Resolves when a list that began after the call
   * has been taken in; who asks meanwhile gets the next one, together.
   */
  relist(): Promise<void>;
  /** The newest resource version seen. */
  resourceVersion(): string;
}
