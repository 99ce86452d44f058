import { Deployments, ReplicaSets, StatefulSets } from '../../api/apps/v1/types.ts';
import type { Scale } from '../../api/autoscaling/v1/types.ts';
import { ReplicationControllers, type Pod } from '../../api/core/v1/types.ts';
import { controllerOf, type KubeObject, type OwnerReference } from '../../apimachinery/object.ts';
import { apiVersionOf, groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { refersTo } from '../../reconciler/cluster-view.ts';
import type { Cluster } from '../../reconciler/controller.ts';
import type { ServedResources } from '../served-resources.ts';

export interface ExpectedScale {
  /** How many pods the owners want, together. */
  readonly wanted: number;
  /** Whether there are pods without an owner, which nobody wants in any number. */
  readonly hasUnmanaged: boolean;
}

interface Sized extends KubeObject {
  readonly spec: { readonly replicas?: number };
}

/** Kinds that are read from caches; all others are asked for their scale. */
const known: readonly ResourceType<any>[] = [ReplicationControllers, ReplicaSets, StatefulSets];

/** How large the workloads are that the pods belong to. Throws an error that tells users why there is no saying. */
export async function expectedScale(
  pods: readonly Readonly<Pod>[],
  cluster: Cluster,
  served: ServedResources,
): Promise<ExpectedScale> {
  const sizes = new Map<string, number>();
  const seen = new Set<string>();
  let hasUnmanaged = false;
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) hasUnmanaged = true;
    if (owner === undefined || seen.has(owner.uid)) continue;
    seen.add(owner.uid);
    const workload = workloadOf(owner, pod, cluster) ?? (await scaleOf(owner, pod, cluster, served));
    if (workload === undefined) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
    sizes.set(workload.uid, workload.replicas);
  }
  return { wanted: [...sizes.values()].reduce((sum, size) => sum + size, 0), hasUnmanaged };
}

interface Workload {
  readonly uid: string;
  readonly replicas: number;
}

/** The Deployment behind a replica set, or what owns the pod directly; `undefined` where the caches have none. */
function workloadOf(
  owner: OwnerReference,
  { metadata: { namespace } }: Readonly<Pod>,
  cluster: Cluster,
): Workload | undefined {
  const type = known.find((kind) => refersTo(owner, kind));
  const object: Readonly<Sized> | undefined = type && cluster.get(type, { namespace: namespace!, name: owner.name });
  if (object?.metadata.uid !== owner.uid) return undefined;
  const above = type === ReplicaSets ? controllerOf(object) : undefined;
  if (above === undefined || !refersTo(above, Deployments))
    return { uid: owner.uid, replicas: object.spec.replicas ?? 1 };
  const deployment = cluster.get(Deployments, { namespace: namespace!, name: above.name });
  return deployment?.metadata.uid === above.uid
    ? { uid: above.uid, replicas: deployment.spec.replicas ?? 1 }
    : undefined;
}

async function scaleOf(
  owner: OwnerReference,
  { metadata: { namespace } }: Readonly<Pod>,
  { client }: Cluster,
  served: ServedResources,
): Promise<Workload | undefined> {
  const facts = served
    .current()
    .find(({ type }) => type.kind === owner.kind && apiVersionOf(type) === owner.apiVersion);
  if (facts === undefined) throw new Error(`no matches for kind "${owner.kind}" in version "${owner.apiVersion}"`);
  if (!facts.subresources.some(({ name, kind }) => name === 'scale' && kind === 'Scale'))
    throw new Error(`${groupResourceOf(facts.type)} does not implement the scale subresource`);
  try {
    const key = { namespace: namespace!, name: owner.name };
    const { metadata, spec } = await client.get(facts.type as ResourceType<Scale>, key, { subresource: 'scale' });
    return metadata.uid === owner.uid ? { uid: owner.uid, replicas: spec.replicas ?? 0 } : undefined;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}
