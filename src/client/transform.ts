import type { KubeObject } from '../apimachinery/object.ts';

/** What an informer keeps of an object; see `InformerOptions.transform`. */
export type Transform = <T extends KubeObject>(object: T) => T;

/**
 * Drops `metadata.managedFields`, which are half of what a small object takes in memory and which controllers do not
 * read; kube-controller-manager's and kube-scheduler's informers drop them, too. An update without them keeps those that
 * are stored. Whatever else an object has is shared with it, and all who pass the same object get the same answer, so that
 * informers that share this function share what they keep.
 */
export function withoutManagedFields(): Transform {
  const known = new WeakMap<KubeObject, KubeObject>();
  return <T extends KubeObject>(object: T): T => {
    if (object.metadata.managedFields === undefined) return object;
    const before = known.get(object);
    if (before !== undefined) return before as T;
    const { managedFields: _dropped, ...metadata } = object.metadata;
    const kept = Object.freeze({ ...object, metadata: Object.freeze(metadata) });
    known.set(object, kept);
    return kept;
  };
}
