import type { ContainerStatus, Pod, PodCondition } from '../../api/core/v1/types.ts';
import { isSidecar } from './pod-containers.ts';
import type { PodPhase } from './pod-phase.ts';
import type { Verdict } from './pod-status.ts';
import type { ResizeFindings } from './pod-resize.ts';

export interface ConditionSources {
  readonly pod: Readonly<Pod>;
  readonly phase: PodPhase;
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  readonly sandboxIsReady: boolean;
  readonly resize?: ResizeFindings;
  readonly verdict?: Verdict | undefined;
}

interface Finding {
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}
const holds: Finding = { status: 'True' };

/** The conditions that belong to the kubelet. `time` is when those that change have changed. */
export function podConditions(sources: ConditionSources, time: string): PodCondition[] {
  const { pod, sandboxIsReady, resize = {}, verdict } = sources;
  const containersReady = findContainersReady(sources);
  return [
    condition(pod, 'PodReadyToStartContainers', sandboxIsReady ? holds : { status: 'False' }, time),
    condition(pod, 'Initialized', findInitialized(sources), time),
    condition(pod, 'Ready', findReady(sources, containersReady), time),
    condition(pod, 'ContainersReady', containersReady, time),
    condition(pod, 'PodScheduled', holds, time),
    ...(resize.pending ? [condition(pod, 'PodResizePending', { ...holds, ...resize.pending }, time)] : []),
    ...(resize.inProgress ? [condition(pod, 'PodResizeInProgress', { ...holds, ...resize.inProgress }, time)] : []),
    ...(verdict?.disruption === undefined
      ? []
      : [condition(pod, 'DisruptionTarget', { ...holds, reason: verdict.disruption, message: verdict.message }, time)]),
  ];
}

/** Made of the same members in the same order each time: this is done for every pod at each of its turns. */
function condition({ metadata, status }: Readonly<Pod>, type: string, finding: Finding, time: string): PodCondition {
  const old = status?.conditions?.find((one) => one.type === type);
  const made: PodCondition = { type, status: finding.status };
  if (finding.reason !== undefined) made.reason = finding.reason;
  if (finding.message !== undefined) made.message = finding.message;
  made.lastTransitionTime = old?.status === finding.status ? (old.lastTransitionTime ?? time) : time;
  if (metadata.generation !== undefined) made.observedGeneration = metadata.generation;
  return made;
}

function findInitialized({ pod, phase, init, main }: ConditionSources): Finding {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  if (pod.spec.initContainers === undefined) return holds;
  const statuses = new Map(init.map((status) => [status.name, status]));
  const incomplete = pod.spec.initContainers.filter((container) => {
    const status = statuses.get(container.name);
    return isSidecar(container) ? status?.started !== true : status?.ready !== true;
  });
  const mainBegan = main.some(({ state, lastState }) => !state?.waiting || lastState?.terminated);
  if (incomplete.length === 0 || mainBegan) return holds;
  const message = `containers with incomplete status: [${incomplete.map(({ name }) => name).join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotInitialized', message };
}

function findContainersReady({ pod, phase, init, main }: ConditionSources): Finding {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const counted = init.length === 0 ? main : [...sidecarsOf(pod, init), ...main];
  const unready = counted.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return holds;
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotReady', message };
}

function sidecarsOf({ spec }: Readonly<Pod>, init: readonly ContainerStatus[]): ContainerStatus[] {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  return init.filter(({ name }) => sidecars.has(name));
}

/** Containers and readiness gates, whose conditions others write. */
function findReady({ pod }: ConditionSources, containersReady: Finding): Finding {
  if (containersReady.status === 'False') return containersReady;
  const complaints = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const found = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (found === undefined)
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    if (found.status === 'True') return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`];
  });
  if (complaints.length === 0) return holds;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: complaints.join(', ') };
}
