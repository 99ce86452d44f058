import {
  Deployments,
  ReplicaSets,
  type Deployment,
  type DeploymentStatus,
  type ReplicaSet,
} from '../../../api/apps/v1/types.ts';
import { Pods, type Pod } from '../../../api/core/v1/types.ts';
import { controllerOf } from '../../../apimachinery/object.ts';
import { labelSelectorMatcher } from '../../../apimachinery/selectors/label-selector.ts';
import {
  againAfter,
  settled,
  type Cluster,
  type ClusterReader,
  type Controller,
  type Outcome,
} from '../../../reconciler/controller.ts';
import { isFinished } from '../../pod-state.ts';
import { applyClaims, planClaims } from '../claims.ts';
import { selectsEverything } from '../selects-everything.ts';
import { applyScales, ensureNewSet } from './apply-rollout.ts';
import {
  conditionOf,
  countStatus,
  hasDeadline,
  isComplete,
  rolloutStatus,
  untilDeadline,
  withCondition,
} from './deployment-status.ts';
import { planCleanup } from './new-replica-set.ts';
import { isRollingUpdate, rolloutOf, type Rollout } from './rollout.ts';
import { planRollout, planScaling, wasScaled } from './scaling.ts';

/** Rolls a pod template out through replica sets, one for each version of the template. */
export const deploymentController: Controller<Deployment> = {
  name: 'deployment-controller',
  for: Deployments,
  owns: [ReplicaSets],
  watches: [
    { type: ReplicaSets, wakes: deploymentsThatSelect },
    { type: Pods, wakes: deploymentThatWaitsFor },
  ],
  concurrency: 5,
  paced: true,

  async reconcile(key, cluster) {
    const deployment = cluster.get(Deployments, key);
    if (deployment === undefined) return settled;
    if (selectsEverything(deployment)) return refuse(deployment, cluster);

    const candidates = [...cluster.ownedBy(deployment, ReplicaSets), ...cluster.orphans(ReplicaSets, key.namespace)];
    const claims = planClaims(deployment, labelSelectorMatcher(deployment.spec.selector), candidates);
    const sets = await applyClaims(cluster, ReplicaSets, Deployments, deployment, claims);
    const rollout = rolloutOf(deployment, sets);
    const now = cluster.clock.now();
    if (deployment.metadata.deletionTimestamp !== undefined)
      return writeStatus(rollout, countStatus(rollout, now), cluster);

    const noted = planPauseNote(deployment, now);
    if (noted !== undefined) {
      // The write wakes this key again, which then sees the note.
      await cluster.updateStatus(Deployments, deployment, noted);
      return settled;
    }
    return deployment.spec.paused === true || wasScaled(rollout) ? resize(rollout, cluster) : drive(rollout, cluster);
  },
};

/** Brings all sets to the wanted total without taking the rollout further. */
async function resize(rollout: Rollout, cluster: Cluster): Promise<Outcome> {
  const present = await ensureNewSet(rollout, false, cluster);
  if (present === undefined) return settled;
  const resized = await applyScales(present, planScaling(present), cluster);
  if (resized.deployment.spec.paused === true) await cleanUp(resized, cluster);
  return writeStatus(resized, countStatus(resized, cluster.clock.now()), cluster);
}

/** Takes the rollout one step further. */
async function drive(rollout: Rollout, cluster: Cluster): Promise<Outcome> {
  const { deployment } = rollout;
  const oldPodsLeft = hasOldPods(rollout, cluster);
  const waitsForOldPods = !isRollingUpdate(deployment) && (oldPodsLeft || planRollout(rollout, oldPodsLeft).length > 0);
  const present = await ensureNewSet(rollout, !waitsForOldPods, cluster);
  if (present === undefined) return againAfter(0);
  const scales = planRollout(present, oldPodsLeft);
  const next = await applyScales(present, scales, cluster);
  if (scales.length === 0 && isComplete(next.deployment, next.deployment.status ?? {})) await cleanUp(next, cluster);
  return writeStatus(next, rolloutStatus(next, cluster.clock.now()), cluster);
}

async function writeStatus(rollout: Rollout, status: DeploymentStatus, cluster: Cluster): Promise<Outcome> {
  await cluster.updateStatus(Deployments, rollout.deployment, status);
  const wait = untilDeadline(rollout.deployment, status, cluster.clock.now());
  return wait === undefined ? settled : againAfter(wait);
}

async function cleanUp(rollout: Rollout, cluster: Cluster): Promise<void> {
  for (const set of planCleanup(rollout)) await cluster.delete(ReplicaSets, set);
}

/** Pods of an earlier template that may still run, even while they stop: Recreate waits for the last of them. */
function hasOldPods({ oldSets }: Rollout, cluster: Cluster): boolean {
  return oldSets.some(
    (set) => (set.status?.replicas ?? 0) > 0 || cluster.ownedBy(set, Pods).some((pod) => !isFinished(pod)),
  );
}

/** The status with a word on being paused or resumed, unless that is said already: progress then counts from here. */
function planPauseNote(deployment: Readonly<Deployment>, now: number): DeploymentStatus | undefined {
  if (!hasDeadline(deployment)) return undefined;
  const progress = conditionOf(deployment.status, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return undefined;
  const isPaused = deployment.spec.paused === true;
  const saysPaused = progress?.reason === 'DeploymentPaused';
  if (isPaused === saysPaused) return undefined;
  const said = isPaused
    ? ({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' } as const)
    : ({ status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' } as const);
  return {
    ...deployment.status,
    conditions: withCondition(deployment.status?.conditions ?? [], 'Progressing', said, now),
  };
}

async function refuse(deployment: Readonly<Deployment>, cluster: Cluster): Promise<Outcome> {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  cluster.events.record(deployment, 'Warning', 'SelectingAll', message);
  await cluster.updateStatus(Deployments, deployment, {
    ...deployment.status,
    observedGeneration: deployment.metadata.generation,
  });
  return settled;
}

function deploymentsThatSelect(set: Readonly<ReplicaSet>, cluster: ClusterReader): Readonly<Deployment>['metadata'][] {
  if (controllerOf(set) !== undefined) return [];
  const deployments = cluster.list(Deployments, set.metadata.namespace);
  return deployments
    .filter(({ spec }) => labelSelectorMatcher(spec.selector)(set.metadata.labels))
    .map(({ metadata }) => metadata);
}

/** Only Recreate waits for pods: for those that are on their way out. */
function deploymentThatWaitsFor(pod: Readonly<Pod>, cluster: ClusterReader): Readonly<Deployment>['metadata'][] {
  const { namespace, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp === undefined && !isFinished(pod)) return [];
  const setOwner = controllerOf(pod);
  if (setOwner?.kind !== 'ReplicaSet') return [];
  const set = cluster.get(ReplicaSets, { namespace, name: setOwner.name });
  const owner = set && controllerOf(set);
  if (owner?.kind !== 'Deployment') return [];
  const deployment = cluster.get(Deployments, { namespace, name: owner.name });
  return deployment === undefined || isRollingUpdate(deployment) ? [] : [deployment.metadata];
}
