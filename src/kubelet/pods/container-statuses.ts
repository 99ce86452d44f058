import type {
  ContainerState,
  ContainerStatus,
  Pod,
  ResourceRequirements,
  VolumeMount,
  VolumeMountStatus,
} from '../../api/core/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { attemptsAt, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import type { PodContainer } from './pod-containers.ts';
import { shouldStart } from './restart-policy.ts';
import { restartCountOf } from './runtime-labels.ts';
import type { ContainerHealth, PodEnd, StartFailure } from './situation.ts';

export interface ContainerStatusSources {
  readonly pod: Readonly<Pod>;
  readonly observed: ObservedPod;
  readonly failures: ReadonlyMap<string, StartFailure>;
  readonly health: (containerId: string) => ContainerHealth;
  /** What a container has of CPU and memory, where that is not what its spec asks for. */
  readonly actual?: (containerId: string) => ResourceRequirements | undefined;
  readonly end: PodEnd | undefined;
  /** `containerd`: the prefix of container ids. */
  readonly runtimeName: string;
}

/** What the status says of each container: the newest attempt, the one before it, and why it waits. */
export function containerStatuses(
  sources: ContainerStatusSources,
  containers: readonly PodContainer[],
): ContainerStatus[] {
  const old = new Map(oldStatuses(sources.pod).map((status) => [status.name, status]));
  return containers.map((container) => containerStatus(sources, container, old.get(container.name)));
}

function containerStatus(
  sources: ContainerStatusSources,
  container: PodContainer,
  old: ContainerStatus | undefined,
): ContainerStatus {
  const { observed, health } = sources;
  const [newest, previous] = attemptsAt(observed, container.name).filter(({ state }) => state !== 'created');
  const base = newest === undefined ? absent(sources, container, old) : present(sources, container, newest, previous);
  const status = shownAsWaiting(sources, container, newest, base);
  const isRunning = status.state?.running !== undefined;
  const found = isRunning ? health(newest!.id) : { started: false, ready: false };
  const ready = container.role === 'init' ? isDone(status) : found.started && found.ready;
  if (container.role === 'ephemeral') return { ...status, ready: false };
  return { ...status, ready, started: found.started, ...mountStatuses(container.spec.volumeMounts) };
}

function present(
  { runtimeName, actual }: ContainerStatusSources,
  { name, role, spec }: PodContainer,
  newest: ObservedContainer,
  previous: ObservedContainer | undefined,
): ContainerStatus {
  const { requests } = spec.resources ?? {};
  const allocated = requests !== undefined && Object.keys(requests).length > 0 ? { allocatedResources: requests } : {};
  return {
    name,
    state: stateOf(newest, runtimeName),
    lastState: previous?.state === 'exited' ? stateOf(previous, runtimeName) : {},
    ready: false,
    restartCount: restartCountOf(newest),
    image: newest.image,
    imageID: newest.imageId,
    containerID: `${runtimeName}://${newest.id}`,
    ...(role === 'ephemeral' ? {} : allocated),
    resources: actual?.(newest.id) ?? spec.resources ?? {},
  };
}

/** Nothing of the container is there: not yet, or no more. */
function absent(
  { pod, end }: ContainerStatusSources,
  { name, spec }: PodContainer,
  old: ContainerStatus | undefined,
): ContainerStatus {
  const reason = (pod.spec.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : 'ContainerCreating';
  const status: ContainerStatus = {
    name,
    state: { waiting: { reason } },
    lastState: {},
    ready: false,
    restartCount: 0,
    image: spec.image ?? '',
    imageID: '',
  };
  if (old === undefined) return status;
  if (old.state?.terminated !== undefined) return { ...old };
  status.restartCount = old.restartCount;
  if (old.lastState !== undefined) status.lastState = old.lastState;
  if (old.state?.running === undefined || old.lastState?.terminated !== undefined) return status;
  if (end === undefined) status.restartCount++;
  return { ...status, lastState: { terminated: lost } };
}

const lost = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was deleted.  The container used to be Running',
};

/** A container that is to be started, and could not be, waits: with the reason, and its last end in `lastState`. */
function shownAsWaiting(
  { pod, failures, end }: ContainerStatusSources,
  container: PodContainer,
  newest: ObservedContainer | undefined,
  status: ContainerStatus,
): ContainerStatus {
  const failure = failures.get(container.name);
  if (failure === undefined || !shouldStart(pod, container, newest)) return status;
  if (newest !== undefined && end !== undefined) return status;
  const { reason, message } = failure;
  const waiting = message === '' ? { reason } : { reason, message };
  const lastState = status.state?.terminated === undefined ? status.lastState : status.state;
  return { ...status, state: { waiting }, lastState };
}

function stateOf(container: ObservedContainer, runtimeName: string): ContainerState {
  const { id, state, startedAt, finishedAt, exitCode, reason, message } = container;
  if (state === 'running') return { running: { startedAt: rfc3339(startedAt) } };
  return {
    terminated: {
      exitCode,
      reason: reason === '' ? (exitCode === 0 ? 'Completed' : 'Error') : reason,
      ...(message === '' ? {} : { message }),
      startedAt: rfc3339(startedAt),
      finishedAt: rfc3339(finishedAt),
      containerID: `${runtimeName}://${id}`,
    },
  };
}

function isDone({ state }: ContainerStatus): boolean {
  return state?.terminated?.exitCode === 0;
}

function oldStatuses({ status = {} }: Readonly<Pod>): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status;
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
}

function mountStatuses(mounts: readonly VolumeMount[] = []): { volumeMounts?: VolumeMountStatus[] } {
  if (mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map(({ name, mountPath, readOnly }) =>
      readOnly === true ? { name, mountPath, readOnly, recursiveReadOnly: 'Disabled' } : { name, mountPath },
    ),
  };
}
