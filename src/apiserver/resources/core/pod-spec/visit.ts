import type { Container, EphemeralContainer, PodSpec } from '../../../../api/core/v1/types.ts';

/** Calls `visit` for every container of a pod with the path to it: init containers, containers, ephemeral ones. */
export function visitContainers(
  spec: PodSpec,
  path: string,
  visit: (container: Container | EphemeralContainer, field: string) => void,
): void {
  spec.initContainers?.forEach((container, i) => visit(container, `${path}.initContainers[${i}]`));
  spec.containers?.forEach((container, i) => visit(container, `${path}.containers[${i}]`));
  spec.ephemeralContainers?.forEach((container, i) => visit(container, `${path}.ephemeralContainers[${i}]`));
}
