import {
  ControllerRevisions,
  DaemonSets,
  type ControllerRevision,
  type DaemonSet,
} from '../../../api/apps/v1/types.ts';
import { Nodes, Pods, type Node, type Pod } from '../../../api/core/v1/types.ts';
import { controllerOf, type KubeObject, type ObjectKey } from '../../../apimachinery/object.ts';
import { labelSelectorMatcher } from '../../../apimachinery/selectors/label-selector.ts';
import {
  againAfter,
  settled,
  type Cluster,
  type ClusterReader,
  type Controller,
} from '../../../reconciler/controller.ts';
import { untilNextAvailable } from '../../pod-state.ts';
import { applyClaims, planClaims } from '../claims.ts';
import { ensureRevision, type History } from '../history/ensure-revision.ts';
import { holds, templatePatch, type Revision } from '../history/revision.ts';
import { createPod, deletePods } from '../pod-control.ts';
import { selectsEverything } from '../selects-everything.ts';
import { slowStart } from '../slow-start.ts';
import { daemonPod, hashLabel } from './daemon-pod.ts';
import { daemonStatus } from './daemon-status.ts';
import { viewOf, type DaemonView } from './daemon-view.ts';
import { Failures } from './failures.ts';
import { mayFitOtherwise, nodeFitOf } from './node-fit.ts';
import { planNodes, type Ended, type NodesPlan } from './plan-nodes.ts';
import { planUpdate } from './plan-update.ts';

/** Most pods made or deleted in one go. */
const burst = 250;

/** Keeps one pod on each node that fits, and rolls new templates out from node to node. */
export function daemonSetController(): Controller<DaemonSet> {
  const failures = new Failures();
  return {
    name: 'daemonset-controller',
    identity: 'daemon-set-controller',
    for: DaemonSets,
    owns: [Pods],
    watches: [
      { type: Pods, wakes: (pod: Readonly<Pod>, cluster) => setsThatSelect(pod, cluster) },
      { type: ControllerRevisions, wakes: setsOfRevision },
      { type: Nodes, wakes: setsThatThinkOtherwise },
    ],
    concurrency: 2,
    paced: true,

    async reconcile(key, cluster) {
      const set = cluster.get(DaemonSets, key);
      if (set === undefined) return settled;
      if (selectsEverything(set)) {
        const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
        cluster.events.record(set, 'Warning', 'SelectingAll', message);
        return settled;
      }
      // Its pods and revisions are the garbage collector's now.
      if (set.metadata.deletionTimestamp !== undefined) return settled;
      const history = await historyOf(set, cluster);
      const pods = await podsOf(set, cluster);
      const now = cluster.clock.now();
      const view = viewOf(set, cluster.list(Nodes), pods, hashOf(history.update), now);
      let backoffMs: number | undefined;
      let failure: { error: unknown } | undefined;
      try {
        const planned = planNodes(view, (ended) => {
          const wait = untilReplaced(ended, set, failures, cluster);
          if (wait > 0) backoffMs = Math.min(wait, backoffMs ?? wait);
          return wait === 0;
        });
        const isSettled = planned.create.length === 0 && planned.delete.length === 0;
        await carryOut(view, isSettled ? planUpdate(view) : planned, cluster);
        await cleanUp(set, history, pods, cluster);
      } catch (error) {
        failure = { error };
      }
      await cluster.updateStatus(DaemonSets, set, daemonStatus(view, history.collisions));
      if (failure !== undefined) throw failure.error;
      const waits = [backoffMs, untilNextAvailable(pods, set.spec.minReadySeconds ?? 0, now)].filter(
        (wait) => wait !== undefined,
      );
      return waits.length === 0 ? settled : againAfter(Math.min(...waits));
    },
  };
}

/** Milliseconds until a pod that has ended can be replaced, and a word about it when that is now. */
function untilReplaced({ pod, node }: Ended, set: Readonly<DaemonSet>, failures: Failures, cluster: Cluster): number {
  const { namespace, name } = pod.metadata;
  if (pod.status?.phase === 'Succeeded') {
    const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
    cluster.events.record(set, 'Normal', 'SucceededDaemonPod', message);
    return 0;
  }
  const key = `${set.metadata.uid} ${set.status?.observedGeneration ?? 0} ${node}`;
  const wait = failures.untilReplaced(key, cluster.clock.now());
  if (wait > 0) return wait;
  const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
  cluster.events.record(set, 'Warning', 'FailedDaemonPod', message);
  return 0;
}

async function carryOut({ set, hash }: DaemonView, plan: NodesPlan, cluster: Cluster): Promise<void> {
  const nodes = plan.create.slice(0, burst);
  const results = await Promise.allSettled([
    slowStart(nodes.length, (index) => createPod(cluster, set, daemonPod(set, nodes[index]!, hash))),
    deletePods(cluster, set, plan.delete.slice(0, burst)),
  ]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function podsOf(set: Readonly<DaemonSet>, cluster: Cluster): Promise<readonly Readonly<Pod>[]> {
  const candidates = [...cluster.ownedBy(set, Pods), ...cluster.orphans(Pods, set.metadata.namespace)];
  const claims = planClaims(set, labelSelectorMatcher(set.spec.selector), candidates);
  return applyClaims(cluster, Pods, DaemonSets, set, claims);
}

/** The revisions, one for each template; of several for the present one the newest stays, and takes their pods. */
async function historyOf(set: Readonly<DaemonSet>, cluster: Cluster): Promise<History> {
  const candidates = [
    ...cluster.ownedBy(set, ControllerRevisions),
    ...cluster.orphans(ControllerRevisions, set.metadata.namespace),
  ];
  const claims = planClaims(set, labelSelectorMatcher(set.spec.selector), candidates);
  const known = await applyClaims(cluster, ControllerRevisions, DaemonSets, set, claims);
  const history = await ensureRevision(set, known, hashLabel, cluster);
  const { update } = history;
  const patch = templatePatch(set.spec.template);
  const repeated = history.revisions.filter((one) => one !== update && holds(one, patch));
  if (repeated.length === 0) return history;
  const hashes = new Set(repeated.map(hashOf));
  for (const pod of cluster.ownedBy(set, Pods))
    if (hashes.has(pod.metadata.labels?.[hashLabel] ?? ''))
      await cluster.patch(Pods, pod.metadata, {
        type: 'merge',
        body: { metadata: { uid: pod.metadata.uid, labels: { [hashLabel]: hashOf(update) } } },
      });
  for (const one of repeated) await cluster.delete(ControllerRevisions, one);
  return { ...history, revisions: history.revisions.filter((one) => !repeated.includes(one)) };
}

function hashOf({ metadata: { name, labels } }: Revision): string {
  return labels?.[hashLabel] ?? name;
}

/** Deletes the oldest revisions beyond the limit, but none that a pod is of. */
async function cleanUp(
  { spec }: Readonly<DaemonSet>,
  { update, revisions }: History,
  pods: readonly Readonly<Pod>[],
  cluster: Cluster,
): Promise<void> {
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[hashLabel]));
  const old = revisions.filter((one) => one !== update);
  const surplus = Math.max(0, old.length - (spec.revisionHistoryLimit ?? 10));
  for (const one of old.filter((revision) => !live.has(hashOf(revision))).slice(0, surplus))
    await cluster.delete(ControllerRevisions, one);
}

/** What nobody owns may find an owner. */
function setsThatSelect(object: Readonly<KubeObject>, cluster: ClusterReader): ObjectKey[] {
  const { namespace, labels } = object.metadata;
  if (controllerOf(object) !== undefined) return [];
  return cluster
    .list(DaemonSets, namespace)
    .filter(({ spec }) => labelSelectorMatcher(spec.selector)(labels))
    .map(({ metadata }) => metadata);
}

/** A new revision of its own is the set's own deed. */
function setsOfRevision(
  revision: Readonly<ControllerRevision>,
  cluster: ClusterReader,
  old?: Readonly<ControllerRevision>,
): ObjectKey[] {
  const owner = controllerOf(revision);
  if (owner === undefined) return setsThatSelect(revision, cluster);
  const isNew = old === undefined && cluster.get(ControllerRevisions, revision.metadata) !== undefined;
  if (owner.kind !== 'DaemonSet' || isNew) return [];
  return [{ namespace: revision.metadata.namespace!, name: owner.name }];
}

/** The sets whose pods belong on the node and did not before, or the other way round. */
function setsThatThinkOtherwise(node: Readonly<Node>, cluster: ClusterReader, old?: Readonly<Node>): ObjectKey[] {
  if (old !== undefined && !mayFitOtherwise(old, node)) return [];
  return cluster
    .list(DaemonSets)
    .filter((set) => {
      const fitOf = nodeFitOf(set);
      const fit = fitOf(node);
      if (old === undefined) return fit.keep;
      const before = fitOf(old);
      return fit.run !== before.run || fit.keep !== before.keep;
    })
    .map(({ metadata }) => metadata);
}
