import type { Container, ContainerStatus, Pod, PodStatus } from '../../api/core/v1/types.ts';
import { isSidecar } from './pod-containers.ts';

export type PodPhase = NonNullable<PodStatus['phase']>;

/** `isTerminal`: no container of the pod will be started any more, whatever the restart policy says. */
export function podPhase(
  { spec }: Readonly<Pod>,
  statuses: { readonly init: readonly ContainerStatus[]; readonly main: readonly ContainerStatus[] },
  isTerminal: boolean,
): PodPhase {
  const init = countInit(spec.initContainers ?? [], statuses.init);
  const main = countMain(statuses.main);
  const policy = spec.restartPolicy ?? 'Always';
  const mainBegan = statuses.main.some(({ state, lastState }) => !state?.waiting || lastState?.terminated);
  if (init.failed > 0 && policy === 'Never') return 'Failed';
  if (init.pending > 0 && !mainBegan) return 'Pending';
  if (main.waiting > 0) return 'Pending';
  if (main.running + init.running > 0) return 'Running';
  if (main.stopped === 0) return 'Pending';
  if (isTerminal) return main.stopped === main.succeeded ? 'Succeeded' : 'Failed';
  if (policy === 'Always') return 'Running';
  if (main.stopped === main.succeeded) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

function countMain(statuses: readonly ContainerStatus[]) {
  const count = { running: 0, waiting: 0, stopped: 0, succeeded: 0 };
  for (const { state, lastState } of statuses) {
    if (state?.running !== undefined) count.running++;
    else if (state?.terminated !== undefined) {
      count.stopped++;
      if (state.terminated.exitCode === 0) count.succeeded++;
    } else if (lastState?.terminated !== undefined) count.stopped++;
    else count.waiting++;
  }
  return count;
}

function countInit(containers: readonly Container[], statuses: readonly ContainerStatus[]) {
  const count = { pending: 0, failed: 0, running: 0 };
  const byName = new Map(statuses.map((status) => [status.name, status]));
  for (const container of containers) {
    const status = byName.get(container.name);
    const { running, terminated } = status?.state ?? {};
    if (isSidecar(container)) {
      if (running !== undefined) count.running++;
      if (running === undefined ? terminated === undefined : status?.started !== true) count.pending++;
    } else if (terminated !== undefined) {
      if (terminated.exitCode !== 0) count.failed++;
    } else if (running !== undefined || status?.lastState?.terminated === undefined) count.pending++;
    else if (status.lastState.terminated.exitCode !== 0) count.failed++;
    else count.pending++;
  }
  return count;
}
