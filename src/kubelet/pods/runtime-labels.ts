import type { Pod } from '../../api/core/v1/types.ts';
import { containerHash } from './container-hash.ts';
import type { PodContainer } from './pod-containers.ts';

/**
 * What the kubelet writes on sandboxes and containers, so that it knows them again after a restart and tools such as
 * crictl can tell whose they are. The keys are those of the stock kubelet.
 */
export const runtimeLabels = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
} as const;

export const runtimeAnnotations = {
  hash: 'io.kubernetes.container.hash',
  restartCount: 'io.kubernetes.container.restartCount',
  terminationMessagePath: 'io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
  podGracePeriod: 'io.kubernetes.pod.terminationGracePeriod',
} as const;

export function sandboxLabels({ metadata }: Readonly<Pod>): Record<string, string> {
  return {
    ...metadata.labels,
    [runtimeLabels.podName]: metadata.name,
    [runtimeLabels.podNamespace]: metadata.namespace ?? '',
    [runtimeLabels.podUid]: metadata.uid ?? '',
  };
}

export function containerLabels({ metadata }: Readonly<Pod>, container: PodContainer): Record<string, string> {
  return {
    [runtimeLabels.containerName]: container.name,
    [runtimeLabels.podName]: metadata.name,
    [runtimeLabels.podNamespace]: metadata.namespace ?? '',
    [runtimeLabels.podUid]: metadata.uid ?? '',
  };
}

export function containerAnnotations(
  pod: Readonly<Pod>,
  container: PodContainer,
  restartCount: number,
): Record<string, string> {
  const { terminationMessagePath, terminationMessagePolicy } = container.spec;
  return {
    [runtimeAnnotations.hash]: containerHash(container),
    [runtimeAnnotations.restartCount]: String(restartCount),
    [runtimeAnnotations.terminationMessagePath]: terminationMessagePath ?? '/dev/termination-log',
    [runtimeAnnotations.terminationMessagePolicy]: terminationMessagePolicy ?? 'File',
    [runtimeAnnotations.podGracePeriod]: String(pod.spec.terminationGracePeriodSeconds ?? 30),
  };
}

/** How often the container had been restarted before this attempt. */
export function restartCountOf(container: {
  readonly attempt: number;
  readonly annotations: Readonly<Record<string, string>>;
}): number {
  const written = container.annotations[runtimeAnnotations.restartCount];
  return written === undefined ? container.attempt : Number(written);
}
