import { ControllerRevisions, StatefulSets, type StatefulSet } from '../../../api/apps/v1/types.ts';
import { PersistentVolumeClaims, Pods, type PersistentVolumeClaim, type Pod } from '../../../api/core/v1/types.ts';
import { controllerOf, type ObjectKey } from '../../../apimachinery/object.ts';
import { labelSelectorMatcher } from '../../../apimachinery/selectors/label-selector.ts';
import {
  againAfter,
  settled,
  type Cluster,
  type ClusterReader,
  type Controller,
  type Outcome,
} from '../../../reconciler/controller.ts';
import { untilNextAvailable } from '../../pod-state.ts';
import { applyClaims, planClaims } from '../claims.ts';
import { ensureRevision, type History } from '../history/ensure-revision.ts';
import { templateOf, type Revision } from '../history/revision.ts';
import { slowStart } from '../slow-start.ts';
import { claimsView } from './claim-control.ts';
import { isMember, repaired, revisionLabel } from './identity.ts';
import { planSteps } from './plan.ts';
import { statefulStatus } from './stateful-status.ts';
import { viewOf } from './stateful-view.ts';
import { takeStep, type Templates } from './steps.ts';

/** Keeps pods with names and claims of their own, in order or all at once. */
export const statefulSetController: Controller<StatefulSet> = {
  name: 'statefulset-controller',
  for: StatefulSets,
  owns: [Pods],
  watches: [
    { type: Pods, wakes: setsThatSelect },
    { type: PersistentVolumeClaims, wakes: setThatWaitsFor },
  ],
  reads: [ControllerRevisions],
  concurrency: 5,

  async reconcile(key, cluster) {
    const set = cluster.get(StatefulSets, key);
    if (set === undefined) return settled;
    if (set.metadata.deletionTimestamp !== undefined) return tellOfTheRest(set, cluster);
    const history = await historyOf(set, cluster);
    const { update } = history;
    const current = history.revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const pods = await podsOf(set, cluster);
    const names = { current: current.metadata.name, update: update.metadata.name };
    const view = viewOf(set, names, pods, cluster.clock.now());
    const templates: Templates = {
      current: { template: templateOf(current) ?? set.spec.template, revision: names.current },
      update: { template: set.spec.template, revision: names.update },
    };

    let updating = 0;
    let failure: { error: unknown } | undefined;
    try {
      for (const stage of planSteps(view, claimsView(set, cluster), (pod) => repaired(set, pod) !== undefined))
        await slowStart(stage.length, async (index) => {
          const step = stage[index]!;
          await takeStep(step, view, templates, cluster);
          if (step.kind === 'delete' && step.forUpdate === true) updating++;
        });
    } catch (error) {
      failure = { error };
    }
    await cluster.updateStatus(StatefulSets, set, statefulStatus(view, history.collisions, updating));
    await cleanUp(set, history, [current, update], pods, cluster);
    if (failure !== undefined) throw failure.error;
    const wait = untilNextAvailable(pods, set.spec.minReadySeconds ?? 0, view.now);
    return wait === undefined ? settled : againAfter(wait);
  },
};

/** Pods and revisions of a set that is being deleted are the garbage collector's; it is counted what is still there. */
async function tellOfTheRest(set: Readonly<StatefulSet>, cluster: Cluster): Promise<Outcome> {
  const { currentRevision: current = '', updateRevision: update = '', collisionCount = 0 } = set.status ?? {};
  const pods = cluster.ownedBy(set, Pods).filter((pod) => isMember(set, pod));
  const view = viewOf(set, { current, update }, pods, cluster.clock.now());
  await cluster.updateStatus(StatefulSets, set, statefulStatus(view, collisionCount, 0));
  return settled;
}

async function podsOf(set: Readonly<StatefulSet>, cluster: Cluster): Promise<readonly Readonly<Pod>[]> {
  const candidates = [...cluster.ownedBy(set, Pods), ...cluster.orphans(Pods, set.metadata.namespace)];
  const selects = labelSelectorMatcher(set.spec.selector);
  const claims = planClaims(set, selects, candidates, (pod) => isMember(set, pod));
  return applyClaims(cluster, Pods, StatefulSets, set, claims);
}

async function historyOf(set: Readonly<StatefulSet>, cluster: Cluster): Promise<History> {
  const selects = labelSelectorMatcher(set.spec.selector);
  const candidates = [
    ...cluster.ownedBy(set, ControllerRevisions),
    ...cluster.orphans(ControllerRevisions, set.metadata.namespace),
  ].filter(({ metadata }) => selects(metadata.labels));
  const claims = planClaims(set, selects, candidates);
  const known = await applyClaims(cluster, ControllerRevisions, StatefulSets, set, claims);
  return ensureRevision(set, known, 'controller.kubernetes.io/hash', cluster);
}

/** Deletes the oldest revisions beyond the limit, but none that is in use. A limit below 0 keeps all. */
async function cleanUp(
  { spec }: Readonly<StatefulSet>,
  { revisions }: History,
  used: readonly Revision[],
  pods: readonly Readonly<Pod>[],
  cluster: Cluster,
): Promise<void> {
  const limit = spec.revisionHistoryLimit ?? 10;
  const live = new Set([
    ...used.map(({ metadata }) => metadata.name),
    ...pods.map(({ metadata }) => metadata.labels?.[revisionLabel]),
  ]);
  const old = revisions.filter(({ metadata }) => !live.has(metadata.name));
  const surplus = limit < 0 ? 0 : Math.max(0, old.length - limit);
  for (const one of old.slice(0, surplus)) await cluster.delete(ControllerRevisions, one);
}

/** A pod that nobody owns may find an owner. */
function setsThatSelect(pod: Readonly<Pod>, cluster: ClusterReader): ObjectKey[] {
  if (controllerOf(pod) !== undefined) return [];
  return cluster
    .list(StatefulSets, pod.metadata.namespace)
    .filter((set) => isMember(set, pod) && labelSelectorMatcher(set.spec.selector)(pod.metadata.labels))
    .map(({ metadata }) => metadata);
}

/** Until a claim is gone no pod is made that would have its name. */
function setThatWaitsFor(claim: Readonly<PersistentVolumeClaim>, cluster: ClusterReader): ObjectKey[] {
  const { namespace, name } = claim.metadata;
  if (cluster.get(PersistentVolumeClaims, claim.metadata) !== undefined) return [];
  return cluster
    .list(StatefulSets, namespace)
    .filter(({ spec, metadata }) =>
      spec.volumeClaimTemplates?.some((template) => name.startsWith(`${template.metadata.name}-${metadata.name}-`)),
    )
    .map(({ metadata }) => metadata);
}
