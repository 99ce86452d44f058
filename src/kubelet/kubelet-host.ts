import type { Pod } from '../api/core/v1/types.ts';
import { findContainerId } from './pods/find-container.ts';
import { currentSandbox } from './pods/observed-pod.ts';
import type { Kubelet } from './kubelet.ts';
import type { ContainerRuntime } from './runtime/runtime.ts';
import type { KubeletHost } from './server/kubelet-host.ts';
import type { DeniedPackets } from './stats/kubelet-metrics.ts';
import type { NodeUsage } from './stats/usage.ts';

export interface HostOptions {
  readonly nodeName: string;
  readonly kubelet: Kubelet;
  readonly runtime: ContainerRuntime;
  readonly usage: () => Promise<NodeUsage>;
  readonly denied?: () => readonly DeniedPackets[];
}

/** What the kubelet's server sees of a running kubelet. */
export function hostOf({ nodeName, kubelet, runtime, usage, denied }: HostOptions): KubeletHost {
  /** A client that means a pod by its uid is not to land in the next one of the name. */
  function find(namespace: string, name: string, uid?: string): Readonly<Pod> | undefined {
    const pod = kubelet.pod({ namespace, name });
    return uid === undefined || pod?.metadata.uid === uid ? pod : undefined;
  }
  return {
    nodeName,
    runtime,
    usage,
    ...(denied && { denied }),
    pods: () => kubelet.pods(),
    findContainer(namespace, name, container, previous, uid) {
      const pod = find(namespace, name, uid);
      if (pod === undefined) return `pod "${name}" does not exist`;
      const found = findContainerId(pod, pod.status ?? {}, container, previous);
      if ('refusal' in found) return found.refusal;
      const { containers } = kubelet.observed(pod.metadata.uid ?? '');
      const there = containers.find(({ id }) => id === found.id);
      if (there !== undefined) return { containerId: there.id, logPath: there.logPath };
      return `container "${container}" in pod "${name}" is terminated`;
    },
    findSandbox(namespace, name, uid) {
      const pod = find(namespace, name, uid);
      const sandbox = pod && currentSandbox(kubelet.observed(pod.metadata.uid ?? ''));
      return sandbox?.ready === true ? sandbox.id : undefined;
    },
  };
}
