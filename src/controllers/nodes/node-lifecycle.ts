import { Leases } from '../../api/coordination/v1/types.ts';
import { Nodes, Pods, type Node } from '../../api/core/v1/types.ts';
import { keyOf } from '../../apimachinery/object.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { againAfter, settled, type Cluster, type Controller } from '../../reconciler/controller.ts';
import { podCondition } from '../pod-state.ts';
import { gracePeriodMs, lostConditions, observe, readyCondition, untilLost, type Observation } from './node-health.ts';
import { noExecuteMark, noScheduleMarks, notReadyTaint, planTaints, unreachableTaint } from './taints.ts';
import { zoneOf, Zones } from './zones.ts';

const leaseNamespace = 'kube-node-lease';

/** Longest time between two looks at a node that is not well. One that is well is looked at when it may be lost. */
const lookEveryMs = 5000;

/** What the controller knows beside the caches. */
interface Memory {
  readonly observations: Map<string, Observation>;
  readonly registered: Set<string>;
  readonly zones: Zones;
  /** When the last node of a zone was tainted NoExecute. */
  readonly lastEviction: Map<string, number>;
  wasAllLost: boolean;
  /** When the first node came back after all had been lost. */
  outageEndedAt: number;
}

/** Notices nodes that fell silent, says so in their status, and taints them so that their pods go elsewhere. */
export function nodeLifecycleController(): Controller<Node> {
  const memory: Memory = {
    observations: new Map(),
    registered: new Set(),
    zones: new Zones(),
    lastEviction: new Map(),
    wasAllLost: false,
    outageEndedAt: -Infinity,
  };
  let hasLearnt = false;

  return {
    name: 'node-controller',
    for: Nodes,
    watches: [
      {
        type: Leases,
        wakes({ metadata, spec }, cluster) {
          const { namespace, name } = metadata;
          if (namespace !== leaseNamespace) return [];
          const node = cluster.get(Nodes, { name });
          const known = memory.observations.get(name);
          if (node === undefined || known === undefined || readyCondition(node)?.status !== 'True') return [{ name }];
          // A sign of life of a node that is well: there is nothing to do before it may be lost.
          memory.observations.set(name, observe(known, node, spec?.renewTime, cluster.clock.monotonic()));
          return [];
        },
      },
    ],
    reads: [Pods],

    async reconcile(key, cluster) {
      if (!hasLearnt) {
        hasLearnt = true;
        for (const node of cluster.list(Nodes)) memory.zones.set(node);
        memory.wasAllLost = memory.zones.allIsLost;
      }
      const node = cluster.get(Nodes, key);
      if (node === undefined) {
        memory.observations.delete(key.name);
        memory.zones.delete(key.name);
        return settled;
      }
      const left = await look(node, memory, cluster);
      return againAfter(left);
    },
  };
}

/** Answers in how many milliseconds the node is to be looked at again. */
async function look(node: Readonly<Node>, memory: Memory, cluster: Cluster): Promise<number> {
  const { name, uid = '' } = node.metadata;
  if (!memory.registered.has(uid)) {
    memory.registered.add(uid);
    const message = `Node ${name} event: Registered Node ${name} in Controller`;
    cluster.events.record(node, 'Normal', 'RegisteredNode', message);
  }
  const now = cluster.clock.monotonic();
  const renewal = cluster.get(Leases, { namespace: leaseNamespace, name })?.spec?.renewTime;
  const observation = observe(memory.observations.get(name), node, renewal, now);
  memory.observations.set(name, observation);
  const left = untilLost(node, observation, now);
  const present = left > 0 ? node : await declareLost(node, cluster);
  noteHealth(present, memory, now);
  if (readyCondition(present)?.status === 'Unknown') await markPods(present, cluster);

  const marks = [...noScheduleMarks(present), ...evictionMarks(present, memory, now)];
  const taints = planTaints(present, marks, cluster.clock.now());
  if (taints !== undefined) await cluster.patch(Nodes, { name }, taintPatch(present, taints));
  const isWell = left > 0 && readyCondition(present)?.status === 'True';
  return isWell ? left : Math.min(lookEveryMs, left > 0 ? left : lookEveryMs);
}

function noteHealth(node: Readonly<Node>, memory: Memory, now: number): void {
  memory.zones.set(node);
  const { allIsLost } = memory.zones;
  if (memory.wasAllLost && !allIsLost) memory.outageEndedAt = now;
  memory.wasAllLost = allIsLost;
}

async function declareLost(node: Readonly<Node>, cluster: Cluster): Promise<Readonly<Node>> {
  const wasReady = readyCondition(node)?.status === 'True';
  const conditions = lostConditions(node, cluster.clock.now());
  const lost = await cluster.updateStatus(Nodes, node, { ...node.status, conditions });
  if (wasReady) {
    const { name } = node.metadata;
    cluster.events.record(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
  }
  return lost;
}

/** Pods on a lost node get no traffic, whatever their agent said last. */
async function markPods(node: Readonly<Node>, cluster: Cluster): Promise<void> {
  await Promise.all(
    cluster.podsOn(node.metadata.name).map(async (pod) => {
      const ready = podCondition(pod, 'Ready');
      if (ready?.status !== 'True') return;
      const condition = { type: 'Ready', status: 'False', lastTransitionTime: rfc3339(cluster.clock.now()) };
      cluster.events.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
      await cluster.patch(Pods, keyOf(pod), { type: 'strategic', body }, { subresource: 'status' });
    }),
  );
}

/**
 * The mark that drives pods off, where the state of the zone and the pace allow it. After an outage of all nodes each has
 * its grace anew: those that are still silent are given the time to come back as the first one did.
 */
function evictionMarks(
  node: Readonly<Node>,
  { zones, lastEviction, outageEndedAt }: Memory,
  now: number,
): ReturnType<typeof noScheduleMarks> {
  const mark = noExecuteMark(node);
  if (mark === undefined || zones.allIsLost) return [];
  const isOut = node.spec?.taints?.some(
    ({ effect, key }) => effect === 'NoExecute' && (key === notReadyTaint || key === unreachableTaint),
  );
  if (isOut === true) return [mark];
  if (now - outageEndedAt < gracePeriodMs) return [];
  const zone = zoneOf(node);
  const pause = zones.evictionPauseMs(zone);
  if (pause === undefined || now - (lastEviction.get(zone) ?? -Infinity) < pause) return [];
  lastEviction.set(zone, now);
  return [mark];
}

/** Taints are a list without a key, so the version guards against overwriting somebody else's. */
function taintPatch({ metadata }: Readonly<Node>, taints: unknown): { type: 'merge'; body: unknown } {
  return {
    type: 'merge',
    body: { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion }, spec: { taints } },
  };
}
