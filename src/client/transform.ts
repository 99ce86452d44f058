import { controllerOf, type KubeObject } from '../apimachinery/object.ts';
import { BoundedMap } from '../base/bounded-map.ts';
import { sharedWith } from './shared-with.ts';

/** What an informer keeps of an object; see `InformerOptions.transform`. */
export type Transform = <T extends KubeObject>(object: T) => T;

/** Workloads whose last object is known as the model of the next one. */
const mostModels = 2000;

/**
 * Drops `metadata.managedFields`, which are half of what a small object takes in memory and which controllers do not
 * read; kube-controller-manager's and kube-scheduler's informers drop them, too. An update without them keeps those that
 * are stored. What is equal in the specs and metadata of one workload's objects is shared by them. Whatever else an object
 * has is shared with it.
 */
export function withoutManagedFields(): Transform {
  // Held weakly: an object that is gone, however large, is not kept for those that may come.
  const models = new BoundedMap<string, WeakRef<KubeObject & { spec?: unknown }>>(mostModels);
  /** What is kept of specs: an object that is written again mostly has the one that it had. */
  const specs = new WeakMap<object, unknown>();
  const keptSpec = (spec: object, model: unknown): unknown => {
    let kept = specs.get(spec);
    if (kept === undefined) specs.set(spec, (kept = sharedWith(spec, model)));
    return kept;
  };
  return <T extends KubeObject>(object: T): T => {
    if (object.metadata.managedFields === undefined) return object;
    const { managedFields: _dropped, ...metadata } = object.metadata;
    const lean: T & { spec?: unknown } = { ...object, metadata };
    const workload = workloadOf(object);
    const model = models.get(workload)?.deref();
    if (model !== undefined) {
      for (const name of ['labels', 'annotations', 'ownerReferences'] as const)
        if (metadata[name] !== undefined)
          Object.assign(metadata, { [name]: sharedWith(metadata[name], model.metadata[name]) });
      if (isObject(lean.spec)) lean.spec = keptSpec(lean.spec, model.spec);
    }
    Object.freeze(metadata);
    models.set(workload, new WeakRef(Object.freeze(lean)));
    return lean;
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Objects with the same answer are probably alike. */
function workloadOf(object: KubeObject): string {
  const { namespace = '', generateName = '' } = object.metadata;
  return `${object.kind} ${namespace} ${controllerOf(object)?.uid ?? generateName}`;
}
