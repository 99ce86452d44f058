import {
  Deployments,
  ReplicaSets,
  type Deployment,
  type DeploymentStatus,
  type ReplicaSet,
} from '../../../api/apps/v1/types.ts';
import { keyOf } from '../../../apimachinery/object.ts';
import { isNamespaceGoing, isStatus } from '../../../apimachinery/status.ts';
import { errorText } from '../../../base/error-text.ts';
import type { Cluster } from '../../../reconciler/controller.ts';
import { revisionAnnotation, revisionOf, sizeAnnotations } from './annotations.ts';
import { conditionOf, hasDeadline, withCondition } from './deployment-status.ts';
import { isOurs, planNewSet, planRefresh } from './new-replica-set.ts';
import { wanted, withChanged, type Rollout, type Set } from './rollout.ts';
import { maximumSize, type Scale } from './scaling.ts';
import { equalTemplates } from './template-hash.ts';

/**
 * Makes sure that the set of the present template carries the Deployment's revision and annotations. It is made if it
 * is missing and `mayCreate`; `undefined` then means that the next attempt has to go on.
 */
export async function ensureNewSet(
  rollout: Rollout,
  mayCreate: boolean,
  cluster: Cluster,
): Promise<Rollout | undefined> {
  const { newSet } = rollout;
  if (newSet === undefined) return mayCreate ? createNewSet(rollout, cluster) : rollout;
  const refreshed = planRefresh(rollout, newSet);
  const set = refreshed === undefined ? newSet : await cluster.update(ReplicaSets, refreshed);
  const marked = await markRevision(withChanged(rollout, [set]), revisionOf(set), cluster);
  if (conditionOf(marked.deployment.status, 'Progressing') !== undefined) return marked;
  return noteProgress(marked, 'FoundNewReplicaSet', `Found new replica set "${set.metadata.name}"`, cluster);
}

async function createNewSet(rollout: Rollout, cluster: Cluster): Promise<Rollout | undefined> {
  const { deployment } = rollout;
  const planned = planNewSet(rollout);
  const made = await createOrTakeOver(deployment, planned, cluster);
  if (made === undefined) return undefined;
  if (made.fresh && wanted(made.set) > 0)
    record(deployment, cluster, `Scaled up replica set ${made.set.metadata.name} from 0 to ${wanted(made.set)}`);
  const marked = await markRevision({ ...rollout, newSet: made.set }, revisionOf(made.set), cluster);
  if (!made.fresh) return marked;
  return noteProgress(marked, 'NewReplicaSetCreated', `Created new replica set "${made.set.metadata.name}"`, cluster);
}

async function createOrTakeOver(
  deployment: Readonly<Deployment>,
  planned: ReplicaSet,
  cluster: Cluster,
): Promise<{ set: Set; fresh: boolean } | undefined> {
  try {
    return { set: await cluster.create(ReplicaSets, planned, { owner: deployment }), fresh: true };
  } catch (error) {
    if (isStatus(error, 'AlreadyExists')) return takeOver(deployment, planned, cluster);
    if (isNamespaceGoing(error)) return undefined;
    await reportFailure(deployment, planned, error, cluster);
    throw error;
  }
}

/**
 * The name is taken: by the very set that we wanted, or by another template with the same hash, which then gets a new
 * one.
 */
async function takeOver(
  deployment: Readonly<Deployment>,
  planned: ReplicaSet,
  cluster: Cluster,
): Promise<{ set: Set; fresh: boolean } | undefined> {
  const found = await cluster.client.get(ReplicaSets, keyOf(planned));
  if (
    isOurs(found, deployment) &&
    found.spec.template !== undefined &&
    equalTemplates(found.spec.template, deployment.spec.template)
  )
    return { set: found, fresh: false };
  const status: DeploymentStatus = {
    ...deployment.status,
    collisionCount: (deployment.status?.collisionCount ?? 0) + 1,
  };
  await cluster.updateStatus(Deployments, deployment, status);
  return undefined;
}

async function reportFailure(
  deployment: Readonly<Deployment>,
  planned: ReplicaSet,
  error: unknown,
  cluster: Cluster,
): Promise<void> {
  const why = errorText(error);
  const message = `Failed to create new replica set "${planned.metadata.name}": ${why}`;
  cluster.events.record(deployment, 'Warning', 'ReplicaSetCreateError', message);
  if (!hasDeadline(deployment)) return;
  const said = { status: 'False', reason: 'ReplicaSetCreateError', message } as const;
  const conditions = withCondition(deployment.status?.conditions ?? [], 'Progressing', said, cluster.clock.now());
  await cluster.updateStatus(Deployments, deployment, { ...deployment.status, conditions });
}

/** Through the status, as upstream: by the main endpoint a changed annotation would count as a new generation. */
async function markRevision(rollout: Rollout, revision: bigint, cluster: Cluster): Promise<Rollout> {
  const { deployment } = rollout;
  if (revisionOf(deployment) === revision) return rollout;
  const { metadata } = deployment;
  const annotations = { ...metadata.annotations, [revisionAnnotation]: String(revision) };
  const marked = { ...deployment, metadata: { ...metadata, annotations } };
  return { ...rollout, deployment: await cluster.update(Deployments, marked, { subresource: 'status' }) };
}

/** Writes the condition at once, because the deadline counts from it. */
async function noteProgress(rollout: Rollout, reason: string, message: string, cluster: Cluster): Promise<Rollout> {
  const { deployment } = rollout;
  if (!hasDeadline(deployment)) return rollout;
  const now = cluster.clock.now();
  const conditions = withCondition(
    deployment.status?.conditions ?? [],
    'Progressing',
    { status: 'True', reason, message },
    now,
  );
  return {
    ...rollout,
    deployment: await cluster.updateStatus(Deployments, deployment, { ...deployment.status, conditions }),
  };
}

/** Resizes the sets and answers the rollout as it is then. */
export async function applyScales(rollout: Rollout, scales: readonly Scale[], cluster: Cluster): Promise<Rollout> {
  const { deployment } = rollout;
  const annotations = sizeAnnotations(wanted(deployment), maximumSize(deployment));
  const changed: Set[] = [];
  for (const { set, replicas } of scales) {
    const before = wanted(set);
    const metadata = { ...set.metadata, annotations: { ...set.metadata.annotations, ...annotations } };
    changed.push(await cluster.update(ReplicaSets, { ...set, metadata, spec: { ...set.spec, replicas } }));
    if (replicas === before) continue;
    const direction = replicas > before ? 'up' : 'down';
    record(deployment, cluster, `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`);
  }
  return withChanged(rollout, changed);
}

function record(deployment: Readonly<Deployment>, cluster: Cluster, message: string): void {
  cluster.events.record(deployment, 'Normal', 'ScalingReplicaSet', message);
}
