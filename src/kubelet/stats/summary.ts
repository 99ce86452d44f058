import { rfc3339 } from '../../apimachinery/time.ts';
import type { ContainerUsage, DiskUsage, NodeUsage, PodUsage, Usage } from './usage.ts';

/** `/stats/summary`: the node, its pods and their containers (`stats/v1alpha1`). */
export function summaryOf({ name, startedAt, usage, podsUsage, disk, pods }: NodeUsage): object {
  return {
    node: {
      nodeName: name,
      systemContainers: [{ name: 'pods', startTime: rfc3339(startedAt), ...used(podsUsage) }],
      startTime: rfc3339(startedAt),
      ...used(usage),
      ...(disk && { fs: { time: rfc3339(usage.at), ...disk } }),
    },
    pods: pods.map((pod) => podStats(pod, disk)),
  };
}

function podStats({ name, namespace, uid, startedAt, containers, usage }: PodUsage, disk: DiskUsage | undefined) {
  return {
    podRef: { name, namespace, uid },
    startTime: rfc3339(startedAt),
    containers: containers.map((container) => containerStats(container, disk)),
    ...used(usage),
  };
}

function containerStats({ name, startedAt, usage, layer }: ContainerUsage, disk: DiskUsage | undefined) {
  return {
    name,
    startTime: rfc3339(startedAt),
    ...used(usage),
    ...(layer && { rootfs: { time: rfc3339(usage.at), ...disk, ...layer } }),
  };
}

function used(usage: Usage) {
  const time = rfc3339(usage.at);
  const { nanoCores, memoryLimitBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults } = usage;
  return {
    cpu: {
      time,
      ...(nanoCores !== undefined && { usageNanoCores: nanoCores }),
      usageCoreNanoSeconds: usage.cpuNanoSeconds,
    },
    memory: {
      time,
      ...(memoryLimitBytes !== undefined && { availableBytes: Math.max(0, memoryLimitBytes - workingSetBytes) }),
      usageBytes: usage.memoryBytes,
      workingSetBytes,
      ...(rssBytes !== undefined && { rssBytes }),
      ...(pageFaults !== undefined && { pageFaults }),
      ...(majorPageFaults !== undefined && { majorPageFaults }),
    },
  };
}
