import { Namespaces, Pods, type Namespace } from '../../api/core/v1/types.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { parseTime } from '../../apimachinery/time.ts';
import { errorText } from '../../base/error-text.ts';
import { againAfter, settled, type Cluster, type Controller, type Outcome } from '../../reconciler/controller.ts';
import type { ServedResources } from '../served-resources.ts';
import { planConditions, type Remaining } from './namespace-status.ts';

/** The finalizer in a namespace's spec that stands for this controller. */
const ownFinalizer = 'kubernetes';

/** Empties a namespace that is being deleted, pods before all else, and lets it go when nothing is left. */
export function namespaceController(served: ServedResources): Controller<Namespace> {
  return {
    name: 'namespace-controller',
    for: Namespaces,
    concurrency: 10,

    async reconcile(key, cluster) {
      const namespace = cluster.get(Namespaces, key);
      if (namespace?.metadata.deletionTimestamp === undefined) return settled;
      if (!namespace.spec?.finalizers?.includes(ownFinalizer)) return settled;
      const { remaining, failures } = await empty(key.name, deletableKinds(served.current()), cluster);
      const conditions = planConditions(namespace.status?.conditions ?? [], remaining, failures, cluster.clock.now());
      const shown = await cluster.updateStatus(Namespaces, namespace, {
        ...namespace.status,
        phase: 'Terminating',
        conditions,
      });
      const isEmpty = failures.length === 0 && remaining.every(({ objects }) => objects.length === 0);
      if (!isEmpty) return lookAgain(namespace, cluster);
      await release(shown, cluster);
      return settled;
    },
  };
}

/** Kinds in namespaces whose objects can be found and deleted, in one version each, pods first. */
function deletableKinds(served: readonly ResourceFacts[]): ResourceFacts[] {
  const kinds = served.filter(
    ({ type, verbs }) => type.namespaced && verbs.includes('list') && verbs.includes('delete'),
  );
  const distinct = new Map(kinds.map((kind) => [groupResourceOf(kind.type), kind]));
  return [...distinct.values()].sort((a, b) => Number(isPods(b.type)) - Number(isPods(a.type)));
}

function isPods({ group, resource }: ResourceType): boolean {
  return group === Pods.group && resource === Pods.resource;
}

async function empty(
  namespace: string,
  kinds: readonly ResourceFacts[],
  cluster: Cluster,
): Promise<{ remaining: Remaining[]; failures: string[] }> {
  const remaining: Remaining[] = [];
  const failures: string[] = [];
  for (const kind of kinds) {
    try {
      const objects = await emptyOf(namespace, kind, cluster);
      remaining.push({ type: kind.type, objects });
      // A pod may still use what else is in the namespace.
      if (isPods(kind.type) && objects.length > 0) break;
    } catch (error) {
      if (isStatus(error, 'NotFound', 'MethodNotAllowed')) continue;
      failures.push(errorText(error));
    }
  }
  return { remaining, failures };
}

/** Deletes all objects of a kind and answers those that stay for now. */
async function emptyOf(
  namespace: string,
  { type, verbs }: ResourceFacts,
  cluster: Cluster,
): Promise<Remaining['objects']> {
  const { items } = await cluster.client.list(type, { namespace });
  if (items.length === 0) return [];
  const remaining = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (remaining.length > 0 && verbs.includes('deletecollection'))
    await cluster.client.deleteCollection(type, { namespace, propagationPolicy: 'Background' });
  else for (const one of remaining) await cluster.delete(type, one, { propagationPolicy: 'Background' });
  return (await cluster.client.list(type, { namespace })).items;
}

/** Soon at first, then ever more seldom: some content waits for a person. */
function lookAgain({ metadata }: Readonly<Namespace>, { clock }: Cluster): Outcome {
  const waited = clock.now() - (parseTime(metadata.deletionTimestamp) ?? clock.now());
  return againAfter(Math.min(8000, Math.max(500, waited / 4)));
}

async function release(namespace: Readonly<Namespace>, { client }: Cluster): Promise<void> {
  const finalizers = namespace.spec?.finalizers?.filter((one) => one !== ownFinalizer) ?? [];
  try {
    await client.update(
      Namespaces,
      { ...namespace, spec: { ...namespace.spec, finalizers } },
      { subresource: 'finalize' },
    );
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}
