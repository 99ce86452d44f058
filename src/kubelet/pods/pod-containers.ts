import type { Container, EphemeralContainer, Pod } from '../../api/core/v1/types.ts';

export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral';

/** One container of a pod's spec with its part in the pod's life. */
export interface PodContainer {
  readonly name: string;
  readonly role: ContainerRole;
  readonly spec: Readonly<Container | EphemeralContainer>;
}

/** Init containers and sidecars in their order, then main ones, then ephemeral ones. */
export function containersOf(pod: Readonly<Pod>): readonly PodContainer[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  return [
    ...initContainers.map((spec) => entry(spec, isSidecar(spec) ? 'sidecar' : 'init')),
    ...containers.map((spec) => entry(spec, 'main')),
    ...ephemeralContainers.map((spec) => entry(spec, 'ephemeral')),
  ];
}

/** An init container that goes on running beside the main ones. */
export function isSidecar(container: Readonly<Container>): boolean {
  return container.restartPolicy === 'Always';
}

/** Where the container stands in the pod, as events name it: `spec.initContainers{migrate}`. */
export function containerFieldPath({ role, name }: PodContainer): string {
  const list = role === 'main' ? 'containers' : role === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
  return `spec.${list}{${name}}`;
}

/** `name_namespace(uid)`: how messages of the kubelet name a pod. */
export function podText({ metadata }: Readonly<Pod>): string {
  return `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
}

function entry(spec: Container | EphemeralContainer, role: ContainerRole): PodContainer {
  return { name: spec.name, role, spec };
}
