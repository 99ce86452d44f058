import type { ContainerStatus, Pod, PodCondition } from '../../api/core/v1/types.ts';
import { isSidecar } from './pod-containers.ts';
import type { PodPhase } from './pod-phase.ts';

export interface ConditionSources {
  readonly pod: Readonly<Pod>;
  readonly phase: PodPhase;
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  readonly sandboxIsReady: boolean;
}

interface Finding {
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}
const holds: Finding = { status: 'True' };

/** The conditions that belong to the kubelet. `time` is when those that change have changed. */
export function podConditions(sources: ConditionSources, time: string): PodCondition[] {
  const containersReady = findContainersReady(sources);
  const findings: Record<string, Finding> = {
    PodReadyToStartContainers: sources.sandboxIsReady ? holds : { status: 'False' },
    Initialized: findInitialized(sources),
    Ready: findReady(sources, containersReady),
    ContainersReady: containersReady,
    PodScheduled: holds,
  };
  return Object.entries(findings).map(([type, finding]) => condition(sources.pod, type, finding, time));
}

function condition({ metadata, status }: Readonly<Pod>, type: string, finding: Finding, time: string): PodCondition {
  const old = status?.conditions?.find((one) => one.type === type);
  const lastTransitionTime = old?.status === finding.status ? (old.lastTransitionTime ?? time) : time;
  const { generation } = metadata;
  const seen = generation === undefined ? {} : { observedGeneration: generation };
  return { type, ...finding, lastTransitionTime, ...seen };
}

function findInitialized({ pod, phase, init, main }: ConditionSources): Finding {
  const statuses = new Map(init.map((status) => [status.name, status]));
  const incomplete = (pod.spec.initContainers ?? []).filter((container) => {
    const status = statuses.get(container.name);
    return isSidecar(container) ? status?.started !== true : status?.ready !== true;
  });
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  const mainBegan = main.some(({ state, lastState }) => !state?.waiting || lastState?.terminated);
  if (incomplete.length === 0 || mainBegan) return holds;
  const message = `containers with incomplete status: [${incomplete.map(({ name }) => name).join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotInitialized', message };
}

function findContainersReady({ pod, phase, init, main }: ConditionSources): Finding {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const counted = [...init.filter(({ name }) => sidecars.has(name)), ...main];
  const unready = counted.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return holds;
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotReady', message };
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
