import type { Container, Pod, ResourceRequirements } from '../../../../api/core/v1/types.ts';
import { semanticEqual } from '../../../../apimachinery/equality.ts';
import { forbidden, invalid } from '../../../../apimachinery/validation.ts';
import type { SubresourceUpdate } from '../../../rest/resource.ts';
import type { Errors } from '../../checks.ts';
import { mirrorPod } from '../pod-spec/annotations.ts';
import { qualityOfService } from './quality-of-service.ts';
import { checkPod } from './validate.ts';

/** More or less cpu and memory for containers that run. */
export const resize: SubresourceUpdate<Pod> = {
  apply(draft, wanted) {
    takeResources(draft.spec.containers, wanted.spec.containers ?? []);
    takeResources(draft.spec.initContainers ?? [], wanted.spec.initContainers ?? []);
    if (wanted.spec.resources === undefined) return;
    draft.spec.resources = { ...draft.spec.resources, ...wanted.spec.resources };
  },

  validate(pod, old) {
    if (old.metadata.annotations?.[mirrorPod] !== undefined) return [forbidden('[]', 'static pods cannot be resized')];
    if (old.spec.os?.name === 'windows') return [forbidden('[]', 'windows pods cannot be resized')];
    const errors: Errors = [];
    checkPod(errors, pod);
    const quality = old.status?.qosClass ?? qualityOfService(old.spec);
    if (quality !== qualityOfService(pod.spec))
      errors.push(invalid('spec', quality, 'Pod QOS Class may not change as a result of resizing'));
    if (!isSupported(old)) errors.push(forbidden('spec', 'Pod running on node without support for resize'));
    checkLists(errors, pod.spec.initContainers ?? [], old.spec.initContainers ?? [], 'spec.initContainers');
    checkLists(errors, pod.spec.containers, old.spec.containers, 'spec.containers');
    return errors;
  },
};

/** Only resources and how to resize are taken, container by container. */
function takeResources(containers: Container[], wanted: readonly Container[]): void {
  for (const container of containers) {
    const other = wanted.find(({ name }) => name === container.name);
    if (other === undefined) continue;
    container.resources = other.resources ?? {};
    if (other.resizePolicy === undefined) delete container.resizePolicy;
    else container.resizePolicy = other.resizePolicy;
  }
}

/** Agents that can resize report the resources that running containers have. */
function isSupported({ status }: Readonly<Pod>): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

function checkLists(errors: Errors, containers: readonly Container[], old: readonly Container[], path: string): void {
  old.forEach((was, i) => {
    const now = containers[i]!;
    const isInit = path.endsWith('initContainers');
    const isSidecar = was.restartPolicy === 'Always';
    if (isInit && !isSidecar) {
      if (!semanticEqual(now.resources, was.resources))
        errors.push(forbidden('spec', 'resources for non-sidecar init containers are immutable'));
      return;
    }
    checkResize(errors, now.resources ?? {}, was.resources ?? {}, `${path}[${i}].resources`);
    if (!onlyCpuAndMemory(now.resources ?? {}, was.resources ?? {}))
      errors.push(
        forbidden(
          'spec',
          isInit
            ? 'only cpu and memory resources for sidecar containers are mutable'
            : 'only cpu and memory resources are mutable',
        ),
      );
  });
}

function checkResize(errors: Errors, now: ResourceRequirements, was: ResourceRequirements, field: string): void {
  for (const list of ['requests', 'limits'] as const) {
    const kept = Object.keys(was[list] ?? {}).every((name) => now[list]?.[name] !== undefined);
    if (!kept) errors.push(forbidden(`${field}.${list}`, `resource ${list} cannot be removed`));
  }
}

function onlyCpuAndMemory(now: ResourceRequirements, was: ResourceRequirements): boolean {
  const others = ({ limits = {}, requests = {}, claims }: ResourceRequirements) => {
    const rest = (amounts: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(amounts).filter(([name]) => name !== 'cpu' && name !== 'memory'));
    return { limits: rest(limits), requests: rest(requests), claims };
  };
  return semanticEqual(others(now), others(was));
}
