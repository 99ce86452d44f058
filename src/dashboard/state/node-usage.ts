import { podRequests } from '../../api/core/pod-requests.ts';
import type { Node, Pod } from '../../api/core/v1/types.ts';
import { parseQuantity, quantityToNumber } from '../../apimachinery/quantity.ts';

/** How much of something is taken. */
export interface Share {
  readonly used: number;
  readonly of: number;
}

/** What the pods of a node ask for, beside what it can give. CPU in cores, memory in bytes. */
export interface NodeUsage {
  readonly pods: Share;
  readonly cpu: Share;
  readonly memory: Share;
}

type Requests = Readonly<Record<'cpu' | 'memory', number>>;

/**
 * Makes a function that sums up, by the name of the node. It remembers what a pod asks for, because any change asks for
 * all sums again, and few pods have changed. Pods that have ended take nothing.
 */
export function nodeUsageReader(): (
  nodes: readonly Readonly<Node>[],
  pods: readonly Readonly<Pod>[],
) => Map<string, NodeUsage> {
  const known = new WeakMap<Readonly<Pod>, Requests>();
  const requestsOf = (pod: Readonly<Pod>): Requests => {
    const requests = known.get(pod) ?? parsedRequests(pod);
    known.set(pod, requests);
    return requests;
  };
  return (nodes, pods) => {
    const asked = new Map<string, { pods: number; cpu: number; memory: number }>();
    for (const pod of pods) {
      const { nodeName } = pod.spec;
      if (nodeName === undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
      const sum = asked.get(nodeName) ?? { pods: 0, cpu: 0, memory: 0 };
      const { cpu, memory } = requestsOf(pod);
      asked.set(nodeName, { pods: sum.pods + 1, cpu: sum.cpu + cpu, memory: sum.memory + memory });
    }
    return new Map(
      nodes.map(({ metadata: { name }, status }) => {
        const has = (resource: string): number => numberOf(status?.allocatable?.[resource] ?? '0');
        const { pods: count = 0, cpu = 0, memory = 0 } = asked.get(name) ?? {};
        return [
          name,
          {
            pods: { used: count, of: has('pods') },
            cpu: { used: cpu, of: has('cpu') },
            memory: { used: memory, of: has('memory') },
          },
        ];
      }),
    );
  };
}

function parsedRequests(pod: Readonly<Pod>): Requests {
  const { cpu, memory } = podRequests(pod);
  return {
    cpu: cpu === undefined ? 0 : quantityToNumber(cpu),
    memory: memory === undefined ? 0 : quantityToNumber(memory),
  };
}

function numberOf(quantity: string): number {
  return quantityToNumber(parseQuantity(quantity));
}

/** `0.25`, `12`: as many cores as are worth telling. */
export function coresText(cores: number): string {
  return String(Math.round(cores * 100) / 100);
}

/** `512 Mi`, `1.5 Gi`. */
export function bytesText(bytes: number): string {
  if (bytes === 0) return '0';
  const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const amount = bytes / 1024 ** power;
  return `${amount < 10 && power > 0 ? Math.round(amount * 10) / 10 : Math.round(amount)} ${units[power]}`;
}
