import { Deployments, ReplicaSets, StatefulSets } from '../../api/apps/v1/types.ts';
import { Pods, ReplicationControllers, type Pod } from '../../api/core/v1/types.ts';
import { PodDisruptionBudgets, type PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { labelSelectorMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { errorText } from '../../base/error-text.ts';
import {
  againAfter,
  settled,
  type Cluster,
  type ClusterReader,
  type Controller,
  type Outcome,
} from '../../reconciler/controller.ts';
import type { ServedResources } from '../served-resources.ts';
import { planBudget, planFailure, wantsScale } from './budget-plan.ts';
import { expectedScale, type ExpectedScale } from './expected-scale.ts';
import { selectorText } from './selector-text.ts';

/** Keeps account of how many pods under a disruption budget may be evicted; evictions read it. */
export function disruptionController(served: ServedResources): Controller<PodDisruptionBudget> {
  return {
    name: 'controllermanager',
    identity: 'disruption-controller',
    for: PodDisruptionBudgets,
    watches: [{ type: Pods, wakes: budgetsOf }],
    reads: [ReplicaSets, Deployments, StatefulSets, ReplicationControllers],

    async reconcile(key, cluster) {
      const budget = cluster.get(PodDisruptionBudgets, key);
      if (budget === undefined) return settled;
      try {
        return await account(budget, cluster, served);
      } catch (error) {
        if (isStatus(error, 'Conflict')) throw error;
        // Where nobody can tell how many there should be, none may go.
        const why = errorText(error);
        const status = planFailure(budget, why, cluster.clock.now());
        await cluster.updateStatus(PodDisruptionBudgets, budget, status);
        return settled;
      }
    },
  };
}

async function account(
  budget: Readonly<PodDisruptionBudget>,
  cluster: Cluster,
  served: ServedResources,
): Promise<Outcome> {
  const selects = labelSelectorMatcher(budget.spec?.selector);
  const pods = cluster.list(Pods, budget.metadata.namespace).filter(({ metadata }) => selects(metadata.labels));
  if (pods.length === 0) cluster.events.record(budget, 'Normal', 'NoPods', 'No matching pods found');
  const { wanted } = wantsScale(budget) ? await scaleFor(budget, pods, cluster, served) : { wanted: 0 };
  const { status, againAfterMs, overdue } = planBudget(budget, { pods, wanted }, cluster.clock.now());
  const { namespace } = budget.metadata;
  // Kubernetes names the namespace in place of the budget.
  const notDeleted = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`;
  for (const pod of overdue) cluster.events.record(pod, 'Warning', 'NotDeleted', notDeleted);
  await cluster.updateStatus(PodDisruptionBudgets, budget, status);
  return againAfterMs === undefined ? settled : againAfter(againAfterMs);
}

async function scaleFor(
  budget: Readonly<PodDisruptionBudget>,
  pods: readonly Readonly<Pod>[],
  cluster: Cluster,
  served: ServedResources,
): Promise<ExpectedScale> {
  try {
    const scale = await expectedScale(pods, cluster, served);
    const selector = selectorText(budget.spec?.selector);
    const message = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
    if (scale.hasUnmanaged) cluster.events.record(budget, 'Warning', 'UnmanagedPods', message);
    return scale;
  } catch (error) {
    const message = `Failed to calculate the number of expected pods: ${(error as Error).message}`;
    cluster.events.record(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
    throw error;
  }
}

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
