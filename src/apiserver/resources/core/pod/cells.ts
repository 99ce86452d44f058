import type { ContainerStatus, Pod, PodStatus } from '../../../../api/core/v1/types.ts';
import { ageOf, ageOfTime } from '../../../rest/cells.ts';
import type { TableRowCondition } from '../../../rest/resource.ts';

/** What `kubectl get pods` shows. */
export function podCells(pod: Readonly<Pod>, now: number): (string | number)[] {
  const { metadata, spec, status = {} } = pod;
  const summary = summarise(pod);
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').length;
  const { restarts, lastRestart } = summary;
  return [
    metadata.name,
    `${summary.ready}/${(spec.containers?.length ?? 0) + sidecars}`,
    summary.reason,
    restarts !== 0 && lastRestart !== undefined ? `${restarts} (${ageOfTime(lastRestart, now)} ago)` : String(restarts),
    ageOf(pod, now),
    status.podIPs?.[0]?.ip || '<none>',
    spec.nodeName || '<none>',
    status.nominatedNodeName || '<none>',
    gatesCell(pod),
  ];
}

export function podRowConditions({ status }: Readonly<Pod>): readonly TableRowCondition[] {
  if (status?.phase === 'Succeeded') return [finished('Succeeded', 'The pod has completed successfully.')];
  return status?.phase === 'Failed' ? [finished('Failed', 'The pod failed.')] : [];
}

function finished(reason: string, message: string): TableRowCondition {
  return { type: 'Completed', status: 'True', reason, message };
}

interface Summary {
  reason: string;
  ready: number;
  restarts: number;
  lastRestart: string | undefined;
}

/** One word for the state of a pod: that of its first container in trouble, else that of the whole. */
function summarise(pod: Readonly<Pod>): Summary {
  const { status = {}, metadata } = pod;
  const gated = status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated');
  const summary: Summary = {
    reason: gated === true ? 'SchedulingGated' : status.reason || (status.phase ?? ''),
    ready: 0,
    restarts: 0,
    lastRestart: undefined,
  };
  const sidecars: Restarts = { restarts: 0, lastRestart: undefined };
  const initializing = summariseInit(pod, summary, sidecars);
  if (!initializing || hasCondition(status, 'Initialized')) {
    Object.assign(summary, sidecars);
    summariseContainers(status, summary);
  }
  const isFinal = status.phase === 'Succeeded' || status.phase === 'Failed';
  if (metadata.deletionTimestamp !== undefined && status.reason === 'NodeLost') summary.reason = 'Unknown';
  else if (metadata.deletionTimestamp !== undefined && !isFinal) summary.reason = 'Terminating';
  return summary;
}

type Restarts = Pick<Summary, 'restarts' | 'lastRestart'>;

function countRestarts(restarts: Restarts, { restartCount, lastState }: ContainerStatus): void {
  restarts.restarts += restartCount ?? 0;
  const at = lastState?.terminated?.finishedAt;
  if (at && (restarts.lastRestart === undefined || Date.parse(at) > Date.parse(restarts.lastRestart)))
    restarts.lastRestart = at;
}

/** Init containers run one by one; the answer is whether one of them is at work or has failed. */
function summariseInit({ spec, status = {} }: Readonly<Pod>, summary: Summary, sidecars: Restarts): boolean {
  const policies = new Map((spec.initContainers ?? []).map(({ name, restartPolicy }) => [name, restartPolicy]));
  const statuses = status.initContainerStatuses ?? [];
  for (let i = 0; i < statuses.length; i++) {
    const one = statuses[i]!;
    const { state = {}, ready, started } = one;
    const isSidecar = policies.get(one.name) === 'Always';
    countRestarts(summary, one);
    if (isSidecar) countRestarts(sidecars, one);
    if (state.terminated !== undefined && (state.terminated.exitCode ?? 0) === 0) continue;
    if (isSidecar && started === true) {
      if (ready) summary.ready++;
      continue;
    }
    if (state.terminated !== undefined) summary.reason = `Init:${terminatedReason(state.terminated)}`;
    else if (state.waiting?.reason && state.waiting.reason !== 'PodInitializing')
      summary.reason = `Init:${state.waiting.reason}`;
    else summary.reason = `Init:${i}/${spec.initContainers?.length ?? 0}`;
    return true;
  }
  return false;
}

function summariseContainers(status: PodStatus, summary: Summary): void {
  let hasRunning = false;
  let failure: string | undefined;
  for (const one of [...(status.containerStatuses ?? [])].reverse()) {
    const { state = {}, ready } = one;
    countRestarts(summary, one);
    if (state.waiting?.reason) summary.reason = state.waiting.reason;
    else if (state.terminated !== undefined) {
      summary.reason = terminatedReason(state.terminated);
      if ((state.terminated.exitCode ?? 0) !== 0) failure = summary.reason;
    } else if (ready && state.running !== undefined) {
      hasRunning = true;
      summary.ready++;
    }
  }
  if (summary.reason !== 'Completed') return;
  if (hasRunning && hasCondition(status, 'Ready')) summary.reason = 'Running';
  else if (failure !== undefined) summary.reason = failure;
  else if (hasRunning) summary.reason = 'NotReady';
}

function terminatedReason({
  reason,
  signal,
  exitCode,
}: {
  reason?: string;
  signal?: number;
  exitCode?: number;
}): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`;
}

function hasCondition({ conditions }: PodStatus, type: string): boolean {
  return conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
}

function gatesCell({ spec, status = {} }: Readonly<Pod>): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  return `${gates.filter(({ conditionType }) => hasCondition(status, conditionType)).length}/${gates.length}`;
}
