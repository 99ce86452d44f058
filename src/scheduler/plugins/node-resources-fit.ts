import {
  bestScore,
  fits,
  rejects,
  type FilterStage,
  type SchedulerPlugin,
  type ScoreStage,
} from '../framework/plugin.ts';
import { extendedResourcesOf } from '../devices/extended-resources.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';

type Requests = readonly (readonly [name: string, amount: number])[];

interface Wanted {
  readonly cpu: number;
  readonly memory: number;
  /** All of it, by name. */
  readonly all: Requests;
  /** What is neither cpu nor memory. */
  readonly others: Requests;
  /** Extended resources that devices stand for on nodes that have none of them. */
  readonly asDevices: Devices;
}

type Devices = ReadonlyMap<string, unknown> | undefined;

/** Keeps pods off nodes that have too little left of what they ask for, and prefers nodes that have more left. */
export const nodeResourcesFit: SchedulerPlugin = {
  name: 'NodeResourcesFit',
  retryOn: ['node-added', 'node-allocatable-changed', 'pod-removed', 'pod-shrunk', 'devices-changed', 'self-changed'],
  mayHelp(pod, change, { devices }) {
    if (change.type === 'devices-changed')
      return change.claim === undefined && extendedResourcesOf(pod, devices.classes) !== undefined;
    if ('node' in change)
      return missing(requestsOf(pod), change.node, extendedResourcesOf(pod, devices.classes)).length === 0;
    return change.type !== 'pod-removed' || change.from === undefined || mayTake(change.from, pod);
  },
  filter: {
    prepare(pod, { devices }) {
      const all = requestsOf(pod);
      const others = all.filter(([name]) => name !== 'cpu' && name !== 'memory');
      return {
        cpu: pod.requests.get('cpu') ?? 0,
        memory: pod.requests.get('memory') ?? 0,
        all,
        others,
        asDevices: extendedResourcesOf(pod, devices.classes),
      };
    },

    test({ cpu, memory, all, others, asDevices }, node) {
      const isRoomy =
        (cpu === 0 || cpu <= node.cpu.allocatable - node.cpu.requested) &&
        (memory === 0 || memory <= node.memory.allocatable - node.memory.requested) &&
        node.pods.size < node.mostPods &&
        (others.length === 0 || missing(others, node, asDevices).length === 0);
      return isRoomy ? fits : refusal(all, node, asDevices);
    },
  } satisfies FilterStage<Wanted>,
  score: {
    weight: 1,
    prepare: (pod) => pod.requestsOrAssumed,
    score(pod, { cpu, memory }) {
      const cores = leftOver(cpu.allocatable, cpu.requestedOrAssumed + pod.cpu);
      const bytes = leftOver(memory.allocatable, memory.requestedOrAssumed + pod.memory);
      if (cores === undefined || bytes === undefined) return cores ?? bytes ?? 0;
      return Math.floor((cores + bytes) / 2);
    },
  } satisfies ScoreStage<PodInfo['requestsOrAssumed']>,
};

/** Whether the node would take the pod if all less important ones went, which preemption may bring about. */
function mayTake(node: NodeInfo, pod: PodInfo): boolean {
  const requests = requestsOf(pod);
  const lesser = [...node.pods.values()].filter(({ priority }) => priority < pod.priority);
  if (node.pods.size - lesser.length >= node.mostPods) return false;
  return requests.every(([name, amount]) => {
    const taken = lesser.reduce((sum, one) => sum + (one.requests.get(name) ?? 0), 0);
    return amount <= free(node, name) + taken;
  });
}

function requestsOf({ requests }: PodInfo): Requests {
  return [...requests].filter(([, amount]) => amount > 0);
}

function free({ allocatable, requested }: NodeInfo, name: string): number {
  return (allocatable.get(name) ?? 0) - (requested.get(name) ?? 0);
}

function refusal(requests: Requests, node: NodeInfo, asDevices: Devices): ReturnType<typeof rejects> {
  const isFull = node.pods.size >= node.mostPods;
  const short = missing(requests, node, asDevices);
  return rejects([...(isFull ? ['Too many pods'] : []), ...short.map(([name]) => `Insufficient ${name}`)], {
    evictionMayHelp: short.every(([name, amount]) => amount <= (node.allocatable.get(name) ?? 0)),
  });
}

function missing(requests: Requests, node: NodeInfo, asDevices: Devices): Requests {
  return requests.filter(
    ([name, amount]) => amount > free(node, name) && !(asDevices?.has(name) === true && !node.allocatable.get(name)),
  );
}

/** The share that would be left, 0 to 100; `undefined` where the node has none of the resource. */
function leftOver(allocatable: number, requested: number): number | undefined {
  if (allocatable === 0) return undefined;
  return requested > allocatable ? 0 : Math.floor(((allocatable - requested) * bestScore) / allocatable);
}
