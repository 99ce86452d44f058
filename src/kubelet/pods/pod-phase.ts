import type { ContainerStatus, Pod, PodStatus } from '../../api/core/v1/types.ts';
import { isSidecar } from './pod-containers.ts';
import { isRestarted } from './restart-policy.ts';

export type PodPhase = NonNullable<PodStatus['phase']>;

/** `isTerminal`: no container of the pod will be started any more, whatever the restart policy says. */
export function podPhase(
  pod: Readonly<Pod>,
  statuses: { readonly init: readonly ContainerStatus[]; readonly main: readonly ContainerStatus[] },
  isTerminal: boolean,
): PodPhase {
  const init = countInit(pod, statuses.init);
  const main = countMain(pod, statuses.main);
  const mainBegan = statuses.main.some(({ state, lastState }) => !state?.waiting || lastState?.terminated);
  if (init.failed > 0) return 'Failed';
  if (init.pending > 0 || (init.pendingSidecars > 0 && !mainBegan)) return 'Pending';
  if (main.waiting > 0) return 'Pending';
  if (main.running + init.running > 0) return 'Running';
  if (main.stopped === 0) return 'Pending';
  if (isTerminal) return main.stopped === main.succeeded ? 'Succeeded' : 'Failed';
  if (main.restarting > 0) return 'Running';
  return main.stopped === main.succeeded ? 'Succeeded' : 'Failed';
}

function countMain(pod: Readonly<Pod>, statuses: readonly ContainerStatus[]) {
  const count = { running: 0, waiting: 0, stopped: 0, succeeded: 0, restarting: 0 };
  const byName = new Map(pod.spec.containers.map((container) => [container.name, container]));
  for (const { name, state, lastState } of statuses) {
    const ended = state?.terminated ?? lastState?.terminated;
    if (state?.running !== undefined) count.running++;
    else if (ended === undefined) count.waiting++;
    else {
      count.stopped++;
      if (state?.terminated?.exitCode === 0) count.succeeded++;
      const container = byName.get(name);
      if (container !== undefined && isRestarted(pod, container, ended.exitCode ?? 0)) count.restarting++;
    }
  }
  return count;
}

/** `pending`: those that others wait for; sidecars that do not run keep a pod from nothing once it has begun. `failed`: for good. */
function countInit(pod: Readonly<Pod>, statuses: readonly ContainerStatus[]) {
  const containers = pod.spec.initContainers ?? [];
  const count = { pending: 0, pendingSidecars: 0, failed: 0, running: 0 };
  const byName = new Map(statuses.map((status) => [status.name, status]));
  for (const container of containers) {
    const status = byName.get(container.name);
    const { running, terminated } = status?.state ?? {};
    if (isSidecar(container)) {
      if (running !== undefined) count.running++;
      if (running === undefined ? terminated === undefined : status?.started !== true) count.pendingSidecars++;
    } else {
      const ended = terminated ?? status?.lastState?.terminated;
      if (running !== undefined || ended === undefined) count.pending++;
      else if ((ended.exitCode ?? 0) !== 0) count.failed += isRestarted(pod, container, ended.exitCode ?? 0) ? 0 : 1;
    }
  }
  return count;
}
