import { Leases } from '../../api/coordination/v1/types.ts';
import { Nodes, Pods, type Node } from '../../api/core/v1/types.ts';
import { keyOf } from '../../apimachinery/object.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { againAfter, settled, type Cluster, type Controller } from '../../reconciler/controller.ts';
import { podCondition } from '../pod-state.ts';
import { lostConditions, observe, readyCondition, untilLost, type Observation } from './node-health.ts';
import { noExecuteMark, noScheduleMarks, notReadyTaint, planTaints, unreachableTaint } from './taints.ts';
import { allIsLost, evictionPauseMs, zoneOf } from './zones.ts';

const leaseNamespace = 'kube-node-lease';

/** Longest time between two looks at a node. */
const lookEveryMs = 5000;

/** Notices nodes that fell silent, says so in their status, and taints them so that their pods go elsewhere. */
export function nodeLifecycleController(): Controller<Node> {
  const observations = new Map<string, Observation>();
  const registered = new Set<string>();
  /** When the last node of a zone was tainted NoExecute. */
  const lastEviction = new Map<string, number>();

  return {
    name: 'node-controller',
    for: Nodes,
    watches: [
      {
        type: Leases,
        wakes: ({ metadata }) => (metadata.namespace === leaseNamespace ? [{ name: metadata.name }] : []),
      },
    ],
    reads: [Pods],

    async reconcile(key, cluster) {
      const node = cluster.get(Nodes, key);
      if (node === undefined) {
        observations.delete(key.name);
        return settled;
      }
      const uid = node.metadata.uid ?? '';
      if (!registered.has(uid)) {
        registered.add(uid);
        cluster.events.record(
          node,
          'Normal',
          'RegisteredNode',
          `Node ${key.name} event: Registered Node ${key.name} in Controller`,
        );
      }
      const now = cluster.clock.now();
      const renewal = cluster.get(Leases, { namespace: leaseNamespace, name: key.name })?.spec?.renewTime;
      const observation = observe(observations.get(key.name), node, renewal, cluster.clock.monotonic());
      observations.set(key.name, observation);
      const left = untilLost(node, observation, cluster.clock.monotonic());
      const present = left > 0 ? node : await declareLost(node, cluster);
      if (readyCondition(present)?.status === 'Unknown') await markPods(present, cluster);

      const marks = [...noScheduleMarks(present), ...evictionMarks(present, cluster, lastEviction)];
      const taints = planTaints(present, marks, now);
      if (taints !== undefined) await cluster.patch(Nodes, key, taintPatch(present, taints));
      return againAfter(Math.min(lookEveryMs, left > 0 ? left : lookEveryMs));
    },
  };
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
  const pods = cluster.list(Pods).filter(({ spec }) => spec.nodeName === node.metadata.name);
  await Promise.all(
    pods.map(async (pod) => {
      const ready = podCondition(pod, 'Ready');
      if (ready?.status !== 'True') return;
      const condition = { type: 'Ready', status: 'False', lastTransitionTime: rfc3339(cluster.clock.now()) };
      cluster.events.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
      await cluster.patch(Pods, keyOf(pod), { type: 'strategic', body }, { subresource: 'status' });
    }),
  );
}

/** The mark that drives pods off, where the state of the zone and the pace allow it. */
function evictionMarks(
  node: Readonly<Node>,
  cluster: Cluster,
  lastEviction: Map<string, number>,
): ReturnType<typeof noScheduleMarks> {
  const mark = noExecuteMark(node);
  const nodes = cluster.list(Nodes).map((one) => (one.metadata.name === node.metadata.name ? node : one));
  if (mark === undefined || allIsLost(nodes)) return [];
  const isOut = node.spec?.taints?.some(
    ({ effect, key }) => effect === 'NoExecute' && (key === notReadyTaint || key === unreachableTaint),
  );
  if (isOut === true) return [mark];
  const zone = zoneOf(node);
  const pause = evictionPauseMs(zone, nodes);
  const now = cluster.clock.monotonic();
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
