import type { ContainerState, Pod } from '../../api/core/v1/types.ts';
import type { Tone } from './tone.ts';

export interface ContainerSummary {
  readonly name: string;
  readonly image: string;
  readonly state: string;
  readonly tone: Tone;
  readonly restarts: number;
}

/** The containers of a pod in the order of its spec, init containers first, with how each one is. */
export function containersOf({ spec, status = {} }: Readonly<Pod>): ContainerSummary[] {
  const statuses = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
  const specs = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  return specs.map(({ name, image = '' }) => {
    const known = statuses.find((one) => one.name === name);
    return { name, image, restarts: known?.restartCount ?? 0, ...stateOf(known?.state, known?.ready) };
  });
}

function stateOf(
  { running, waiting, terminated }: ContainerState = {},
  isReady = false,
): Pick<ContainerSummary, 'state' | 'tone'> {
  if (running !== undefined)
    return isReady ? { state: 'Running', tone: 'good' } : { state: 'Running, not ready', tone: 'busy' };
  if (terminated !== undefined) {
    const { exitCode, reason = 'Terminated' } = terminated;
    return exitCode === 0
      ? { state: reason, tone: 'plain' }
      : { state: `${reason} (exit code ${exitCode})`, tone: 'bad' };
  }
  const reason = waiting?.reason ?? 'Waiting';
  const isStarting = ['Waiting', 'ContainerCreating', 'PodInitializing'].includes(reason);
  return { state: reason, tone: isStarting ? 'busy' : 'bad' };
}
