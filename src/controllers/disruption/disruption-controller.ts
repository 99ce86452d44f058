import { Deployments, ReplicaSets } from '../../api/apps/v1/types.ts';
import { Pods, ReplicationControllers, type Pod } from '../../api/core/v1/types.ts';
import { PodDisruptionBudgets, type PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { controllerOf, type KubeObject, type OwnerReference } from '../../apimachinery/object.ts';
import { labelSelectorMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { againAfter, settled, type ClusterReader, type Controller } from '../../reconciler/controller.ts';
import { isFinished } from '../pod-state.ts';
import { planBudget, type Protected } from './budget-plan.ts';

/** Keeps account of how many pods under a disruption budget may be evicted; evictions read it. */
export const disruptionController: Controller<PodDisruptionBudget> = {
  name: 'controllermanager',
  identity: 'disruption-controller',
  for: PodDisruptionBudgets,
  watches: [{ type: Pods, wakes: budgetsOf }],
  reads: [ReplicaSets, Deployments, ReplicationControllers],

  async reconcile(key, cluster) {
    const budget = cluster.get(PodDisruptionBudgets, key);
    if (budget === undefined) return settled;
    const found = protectedBy(budget, cluster);
    if (found.pods.length === 0) cluster.events.record(budget, 'Normal', 'NoPods', 'No matching pods found');
    const { status, againAfterMs } = planBudget(budget, found, cluster.clock.now());
    await cluster.updateStatus(PodDisruptionBudgets, budget, status);
    return againAfterMs === undefined ? settled : againAfter(againAfterMs);
  },
};

function budgetsOf(
  pod: Readonly<Pod>,
  cluster: ClusterReader,
  old?: Readonly<Pod>,
): Readonly<KubeObject>['metadata'][] {
  const forms = old === undefined ? [pod] : [pod, old];
  return cluster
    .list(PodDisruptionBudgets, pod.metadata.namespace)
    .filter(({ spec }) => {
      const selects = labelSelectorMatcher(spec?.selector);
      return forms.some(({ metadata }) => selects(metadata.labels));
    })
    .map(({ metadata }) => metadata);
}

function protectedBy(budget: Readonly<PodDisruptionBudget>, cluster: ClusterReader): Protected {
  const { namespace } = budget.metadata;
  const selects = labelSelectorMatcher(budget.spec?.selector);
  const pods = cluster.list(Pods, namespace).filter((pod) => selects(pod.metadata.labels) && !isFinished(pod));
  const workloads = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const workload = owner && workloadOf(owner, namespace, cluster);
    if (workload !== undefined) workloads.set(workload.uid, workload.replicas);
  }
  return { pods, wanted: [...workloads.values()].reduce((sum, replicas) => sum + replicas, 0) };
}

interface Workload {
  readonly uid: string;
  readonly replicas: number;
}

/** The Deployment behind a replica set, or what owns the pods directly. */
function workloadOf(
  owner: OwnerReference,
  namespace: string | undefined,
  cluster: ClusterReader,
): Workload | undefined {
  const key = { namespace, name: owner.name };
  if (owner.kind === 'ReplicationController') return sizeOf(cluster.get(ReplicationControllers, key), owner.uid);
  if (owner.kind !== 'ReplicaSet') return undefined;
  const set = cluster.get(ReplicaSets, key);
  const above = set && controllerOf(set);
  if (above?.kind !== 'Deployment') return sizeOf(set, owner.uid);
  return sizeOf(cluster.get(Deployments, { namespace, name: above.name }), above.uid);
}

function sizeOf(
  object: (Readonly<KubeObject> & { readonly spec: { readonly replicas?: number } }) | undefined,
  uid: string,
): Workload | undefined {
  return object?.metadata.uid === uid ? { uid, replicas: object.spec.replicas ?? 1 } : undefined;
}
