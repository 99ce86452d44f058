import type {
  ContainerDetail,
  ContainerStats,
  ContainerSummary,
  Image,
  PodIdentity,
  RuntimeStatus,
  Sandbox,
} from '../runtime.ts';
import { containerStates, mountPropagations, sandboxReady, type Received } from './messages.ts';

/** The label under which the kubelet keeps the pod's uid on its containers. */
const podUidLabel = 'io.kubernetes.pod.uid';

export function statusFrom(response: Received<'StatusResponse'>): RuntimeStatus {
  const conditions = response.status?.conditions ?? [];
  const holds = (type: string): boolean => conditions.find((condition) => condition.type === type)?.status === true;
  const failing = conditions.find((condition) => !condition.status);
  return {
    runtimeReady: holds('RuntimeReady'),
    networkReady: holds('NetworkReady'),
    reason: failing?.reason ?? '',
    message: failing?.message ?? '',
  };
}

export function sandboxFrom(sandbox: Received<'PodSandbox'> | Received<'PodSandboxStatus'>): Sandbox {
  return {
    id: sandbox.id,
    pod: podFrom(sandbox.metadata),
    ready: sandbox.state === sandboxReady,
    createdAt: milliseconds(sandbox.createdAt),
    labels: sandbox.labels,
    annotations: sandbox.annotations,
  };
}

export function addressesFrom(network: Received<'PodSandboxNetworkStatus'> | null): string[] {
  if (network === null || network.ip === '') return [];
  return [network.ip, ...network.additionalIps.map(({ ip }) => ip)];
}

export function containerFrom(container: Received<'Container'>): ContainerSummary {
  return {
    id: container.id,
    sandboxId: container.podSandboxId,
    name: container.metadata?.name ?? '',
    attempt: container.metadata?.attempt ?? 0,
    image: container.image?.image ?? '',
    imageId: container.imageRef,
    state: containerStates[container.state] ?? 'unknown',
    createdAt: milliseconds(container.createdAt),
    labels: container.labels,
    annotations: container.annotations,
  };
}

/** CRI's status does not name the sandbox: it is passed in where known. */
export function detailFrom(status: Received<'ContainerStatus'>, sandboxId: string): ContainerDetail {
  return {
    id: status.id,
    sandboxId,
    name: status.metadata?.name ?? '',
    attempt: status.metadata?.attempt ?? 0,
    image: status.image?.image ?? '',
    imageId: status.imageRef,
    state: containerStates[status.state] ?? 'unknown',
    createdAt: milliseconds(status.createdAt),
    startedAt: milliseconds(status.startedAt),
    finishedAt: milliseconds(status.finishedAt),
    exitCode: status.exitCode,
    reason: status.reason,
    message: withoutKind(status.message),
    logPath: status.logPath,
    labels: status.labels,
    annotations: status.annotations,
    mounts: status.mounts.map((mount) => ({
      containerPath: mount.containerPath,
      hostPath: mount.hostPath,
      readOnly: mount.readonly,
      propagation: mountPropagations[mount.propagation] ?? 'private',
    })),
  };
}

export function imageFrom(image: Received<'Image'>): Image {
  return {
    id: image.id,
    tags: image.repoTags,
    digests: image.repoDigests,
    sizeBytes: image.size,
    ...(image.uid === null ? {} : { uid: image.uid.value }),
    ...(image.username === '' ? {} : { username: image.username }),
    ...(image.pinned && { pinned: true }),
  };
}

export function statsFrom(stats: Received<'ContainerStats'>): ContainerStats {
  const { attributes, cpu, memory, writableLayer } = stats;
  return {
    id: attributes?.id ?? '',
    podUid: attributes?.labels[podUidLabel] ?? '',
    name: attributes?.metadata?.name ?? '',
    at: milliseconds(cpu?.timestamp ?? 0),
    cpuNanoSecondsTotal: cpu?.usageCoreNanoSeconds?.value ?? 0,
    memoryWorkingSetBytes: memory?.workingSetBytes?.value ?? 0,
    memoryUsageBytes: memory?.usageBytes?.value ?? 0,
    ...(memory?.rssBytes && { memoryRssBytes: memory.rssBytes.value }),
    ...(memory?.pageFaults && { pageFaults: memory.pageFaults.value }),
    ...(memory?.majorPageFaults && { majorPageFaults: memory.majorPageFaults.value }),
    ...(writableLayer?.usedBytes && {
      layer: { usedBytes: writableLayer.usedBytes.value, inodesUsed: writableLayer.inodesUsed?.value ?? 0 },
    }),
  };
}

function podFrom(metadata: Received<'PodSandboxMetadata'> | null): PodIdentity {
  return {
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    uid: metadata?.uid ?? '',
    attempt: metadata?.attempt ?? 0,
  };
}

function milliseconds(nanoseconds: number): number {
  return Math.floor(nanoseconds / 1e6);
}

/**
 * Runtimes before containerd 2 end their messages with the kind of error, which says nothing when it is none of the
 * known.
 */
export function withoutKind(message: string): string {
  return message.replace(/: unknown$/, '');
}
