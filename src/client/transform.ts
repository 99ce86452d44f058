import type { KubeObject } from '../apimachinery/object.ts';
import { EqualParts } from './equal-parts.ts';

/** What an informer keeps of an object; see `InformerOptions.transform`. */
export type Transform = <T extends KubeObject>(object: T) => T;

/** Containers of pods have their members at this depth of the spec; those of pods of one workload are mostly equal. */
const specDepth = 3;

/**
 * Drops `metadata.managedFields`, which are half of what a small object takes in memory and which controllers do not
 * read; kube-controller-manager's and kube-scheduler's informers drop them, too. An update without them keeps those that
 * are stored. Equal parts of specs and metadata are shared by all objects. Whatever else an object has is shared with it,
 * and all who pass the same object get the same answer, so that informers that share this function share what they keep.
 */
export function withoutManagedFields(): Transform {
  const known = new WeakMap<KubeObject, KubeObject>();
  const parts = new EqualParts();
  return <T extends KubeObject>(object: T): T => {
    if (object.metadata.managedFields === undefined) return object;
    const before = known.get(object);
    if (before !== undefined) return before as T;
    const { managedFields: _dropped, ...metadata } = object.metadata;
    for (const name of ['labels', 'annotations', 'ownerReferences'] as const)
      if (metadata[name] !== undefined) Object.assign(metadata, { [name]: parts.share(metadata[name]) });
    const lean: T & { spec?: unknown } = { ...object, metadata: Object.freeze(metadata) };
    if (lean.spec !== undefined) lean.spec = parts.share(lean.spec, specDepth);
    const kept = Object.freeze(lean);
    known.set(object, kept);
    return kept;
  };
}
