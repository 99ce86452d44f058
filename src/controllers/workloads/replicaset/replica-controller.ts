import type { ReplicaSetStatus } from '../../../api/apps/v1/types.ts';
import { Pods, type Pod, type PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { controllerOf, type KubeObject } from '../../../apimachinery/object.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import { againAfter, settled, type Cluster, type Controller } from '../../../reconciler/controller.ts';
import { isActive, untilNextAvailable } from '../../pod-state.ts';
import { applyClaims, planClaims, type Labels } from '../claims.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import { createPod, deletePods, messageOf } from '../pod-control.ts';
import { slowStart } from '../slow-start.ts';
import { podsToDelete } from './deletion-order.ts';
import { planStatus, type ReplicaFailure, type Replicated } from './replica-status.ts';

/** A kind that keeps a number of equal pods. */
export interface ReplicaKind<T extends KubeObject & { status?: ReplicaSetStatus }> {
  readonly type: ResourceType<T>;
  readonly name: string;
  selects(object: Readonly<T>): (labels: Labels | undefined) => boolean;
  read(object: Readonly<T>): Replicated;
  template(object: Readonly<T>): PodTemplateSpec | undefined;
}

/** Most pods made or deleted in one go. */
const burst = 500;

/** Keeps as many pods as the spec says: adopts what matches, releases what no longer does, makes and deletes the rest. */
export function replicaController<T extends KubeObject & { status?: ReplicaSetStatus }>(
  kind: ReplicaKind<T>,
): Controller<T> {
  return {
    name: kind.name,
    for: kind.type,
    owns: [Pods],
    watches: [
      {
        type: Pods,
        wakes(pod: Readonly<Pod>, cluster) {
          if (controllerOf(pod) !== undefined) return [];
          const sets = cluster.list(kind.type, pod.metadata.namespace);
          return sets.filter((set) => kind.selects(set)(pod.metadata.labels)).map(({ metadata }) => metadata);
        },
      },
    ],
    concurrency: 5,
    paced: true,

    async reconcile(key, cluster) {
      const set = cluster.get(kind.type, key);
      if (set === undefined) return settled;
      const candidates = [...cluster.ownedBy(set, Pods), ...cluster.orphans(Pods, key.namespace).filter(isActive)];
      const claims = planClaims(set, kind.selects(set), candidates);
      const pods = await applyClaims(cluster, Pods, kind.type, set, claims);

      const { failure, error } = await balance(kind, set, pods, cluster);
      const now = cluster.clock.now();
      await cluster.updateStatus(kind.type, set, planStatus(kind.read(set), pods, failure, now));
      if (error !== undefined) throw error;
      const wait = untilNextAvailable(pods.filter(isActive), kind.read(set).minReadySeconds, now);
      return wait === undefined ? settled : againAfter(wait);
    },
  };
}

/** Makes or deletes pods; a failure is told in the status before it is thrown. */
async function balance<T extends KubeObject & { status?: ReplicaSetStatus }>(
  kind: ReplicaKind<T>,
  set: Readonly<T>,
  pods: readonly Readonly<Pod>[],
  cluster: Cluster,
): Promise<{ failure?: ReplicaFailure; error?: unknown }> {
  if (set.metadata.deletionTimestamp !== undefined) return {};
  const active = pods.filter(isActive);
  const missing = kind.read(set).replicas - active.length;
  try {
    if (missing > 0) await create(kind, set, Math.min(missing, burst), cluster);
    if (missing < 0) await remove(kind, set, active, Math.min(-missing, burst), cluster);
    return {};
  } catch (error) {
    const reason = missing > 0 ? 'FailedCreate' : 'FailedDelete';
    return { failure: { reason, message: messageOf(error) }, error };
  }
}

async function create<T extends KubeObject & { status?: ReplicaSetStatus }>(
  kind: ReplicaKind<T>,
  set: Readonly<T>,
  count: number,
  cluster: Cluster,
): Promise<void> {
  const template = kind.template(set);
  if (template === undefined) return;
  const pod = podFromTemplate(set, template);
  await slowStart(count, () => createPod(cluster, set, pod));
}

async function remove(
  { type }: Pick<ReplicaKind<any>, 'type'>,
  set: Readonly<KubeObject>,
  active: readonly Readonly<Pod>[],
  count: number,
  cluster: Cluster,
): Promise<void> {
  const chosen = podsToDelete(active, relatedPods(type, set, cluster), count, cluster.clock.now());
  await deletePods(cluster, set, chosen);
}

/** Active pods of all sets that the same workload owns, or of this set if nothing owns it. */
function relatedPods(type: ResourceType, set: Readonly<KubeObject>, cluster: Cluster): readonly Readonly<Pod>[] {
  const owner = controllerOf(set);
  const sets = owner === undefined ? [set] : cluster.ownedBy({ metadata: { name: owner.name, uid: owner.uid } }, type);
  return sets.flatMap((one) => cluster.ownedBy(one, Pods)).filter(isActive);
}
