import type { Container, Pod } from '../../api/core/v1/types.ts';
import { milliValue, parseQuantity, quantityValue } from '../../apimachinery/quantity.ts';
import { isCritical } from '../pods/critical-pod.ts';
import { qosClassOf } from '../pods/qos-class.ts';
import { isSidecar, type PodContainer } from '../pods/pod-containers.ts';
import type { LinuxResources } from '../runtime/runtime.ts';

/** The kernel's scheduling period in microseconds. */
const cpuPeriod = 100_000;
const smallestQuota = 1000;
const smallestShares = 2;
const largestShares = 262_144;

export interface NodeResourceFacts {
  readonly memoryBytes: number;
  readonly cgroupVersion: 1 | 2;
}

/** Amounts as numbers: `milliCpu` thousandths of a CPU; absent where nothing is asked for. */
export interface Amounts {
  readonly milliCpu?: number;
  readonly memoryBytes?: number;
}

/** What a container may use of CPU and memory, and how early the kernel kills it when memory runs out. */
export function containerResources(
  pod: Readonly<Pod>,
  container: PodContainer,
  node: NodeResourceFacts,
): LinuxResources {
  const { requests, limits } = container.spec.resources ?? {};
  const limit = amountsOf(limits);
  const request = { ...limit, ...amountsOf(requests) };
  return {
    cpuShares: cpuShares(request.milliCpu),
    ...(limit.milliCpu && { cpuQuota: cpuQuota(limit.milliCpu), cpuPeriod }),
    ...(limit.memoryBytes && { memoryLimitBytes: limit.memoryBytes }),
    oomScoreAdj: oomScoreAdjustment(pod, container.spec, node.memoryBytes),
    ...(node.cgroupVersion === 2 && { unified: { 'memory.oom.group': '1' } }),
  };
}

function amountsOf(list: Readonly<Record<string, string>> = {}): Amounts {
  const { cpu, memory } = list;
  return {
    ...(cpu !== undefined && { milliCpu: Number(milliValue(parseQuantity(cpu))) }),
    ...(memory !== undefined && { memoryBytes: Number(quantityValue(parseQuantity(memory))) }),
  };
}

/** 1024 shares for a CPU. */
export function cpuShares(milliCpu = 0): number {
  return Math.min(largestShares, Math.max(smallestShares, Math.floor((milliCpu * 1024) / 1000)));
}

/** Microseconds of each period. */
export function cpuQuota(milliCpu: number): number {
  return Math.max(smallestQuota, Math.floor((milliCpu * cpuPeriod) / 1000));
}

/**
 * −997 for pods that were promised all they use and for critical ones, 1000 for those that were promised nothing, in
 * between the less the more of the node's memory a container has requested ("Node out of memory behavior").
 */
function oomScoreAdjustment(pod: Readonly<Pod>, container: Readonly<Container>, nodeMemoryBytes: number): number {
  const qos = qosClassOf(pod);
  if (isCritical(pod) || qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const own = burstableAdjustment(container, nodeMemoryBytes);
  if (!isSidecar(container)) return own;
  return Math.min(own, ...pod.spec.containers.map((one) => burstableAdjustment(one, nodeMemoryBytes)));
}

function burstableAdjustment({ resources }: Readonly<Container>, nodeMemoryBytes: number): number {
  const { memoryBytes = 0 } = { ...amountsOf(resources?.limits), ...amountsOf(resources?.requests) };
  const adjustment = 1000 - Math.floor((1000 * memoryBytes) / nodeMemoryBytes);
  return Math.min(999, Math.max(3, adjustment));
}
