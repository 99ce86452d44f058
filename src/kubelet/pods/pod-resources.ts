import type { Container, Pod, ResourceRequirements } from '../../api/core/v1/types.ts';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts';
import type { PodContainer } from './pod-containers.ts';

/** What can be changed of a pod that runs. */
const resizable = ['cpu', 'memory'] as const;

/** How a container that has `actual` comes to what its spec asks for. */
export type ContainerResize = 'none' | 'in-place' | 'restart';

/** `actual` is what the running container has; `undefined`: what its spec asks for. */
export function resizeOf({ spec }: PodContainer, actual: ResourceRequirements | undefined): ContainerResize {
  if (actual === undefined || actual === spec.resources) return 'none';
  const changed = resizable.filter((name) => !isSame(name, actual, spec.resources));
  if (changed.length === 0) return 'none';
  const policies = new Map((spec.resizePolicy ?? []).map((one) => [one.resourceName, one.restartPolicy]));
  return changed.some((name) => policies.get(name) === 'RestartContainer') ? 'restart' : 'in-place';
}

/** Whether two forms of one pod ask for the same CPU and memory, however they write it. */
export function haveSameResources(a: Readonly<Pod>, b: Readonly<Pod>): boolean {
  if (a.spec === b.spec) return true;
  const [ours, theirs] = [resourcesOf(a), resourcesOf(b)];
  return ours.every((one, at) => one === theirs[at] || resizable.every((name) => isSame(name, one, theirs[at])));
}

/** `pod` with the resources that `from`, another form of it, asks for. */
export function withResourcesOf(pod: Readonly<Pod>, from: Readonly<Pod>): Readonly<Pod> {
  const byName = new Map(
    [...(from.spec.initContainers ?? []), ...from.spec.containers].map(({ name, resources }) => [name, resources]),
  );
  return mapResources(pod, ({ name, resources }) => byName.get(name) ?? resources, from.spec.resources);
}

/** `pod` with other resources for its containers and for itself. */
export function mapResources(
  pod: Readonly<Pod>,
  resources: (container: Readonly<Container>) => ResourceRequirements | undefined,
  ofPod = pod.spec.resources,
): Readonly<Pod> {
  const changed = (container: Container): Container => {
    const wanted = resources(container);
    return wanted === container.resources ? container : { ...container, resources: wanted ?? {} };
  };
  const { initContainers, containers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      ...(initContainers && { initContainers: initContainers.map(changed) }),
      containers: containers.map(changed),
      ...(ofPod && { resources: ofPod }),
    },
  };
}

function resourcesOf({ spec }: Readonly<Pod>): (ResourceRequirements | undefined)[] {
  return [spec.resources, ...[...(spec.initContainers ?? []), ...spec.containers].map(({ resources }) => resources)];
}

function isSame(name: string, a: ResourceRequirements = {}, b: ResourceRequirements = {}): boolean {
  return (['requests', 'limits'] as const).every((kind) => {
    const [ours, theirs] = [a[kind]?.[name] ?? '0', b[kind]?.[name] ?? '0'];
    return ours === theirs || compareQuantities(parseQuantity(ours), parseQuantity(theirs)) === 0;
  });
}
