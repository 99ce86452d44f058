import type { ContainerState, ContainerStatus, PodStatus } from '../../api/core/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { containerStatuses, type ContainerStatusSources } from './container-statuses.ts';
import { currentSandbox } from './observed-pod.ts';
import { containersOf } from './pod-containers.ts';
import { podConditions } from './pod-conditions.ts';
import { podPhase, type PodPhase } from './pod-phase.ts';
import { podLevelResources } from './pod-level-resources.ts';
import type { ResizeFindings } from './pod-resize.ts';
import { qosClassOf } from './qos-class.ts';

export interface PodStatusSources extends ContainerStatusSources {
  readonly now: number;
  /** When the kubelet took the pod on. */
  readonly acceptedAt: number;
  /** How far a change of its resources is. */
  readonly resize?: ResizeFindings;
  /** Nothing of the pod runs any more, nor will. */
  readonly ended: boolean;
  /** Why the pod ended though its containers did not ask for it. */
  readonly verdict: Verdict | undefined;
  /** The node's addresses. */
  readonly hostIps: readonly string[];
}

/** A pod that the kubelet fails: rejected, or past its deadline. */
export interface Verdict {
  readonly reason: string;
  readonly message: string;
  /** The reason of the condition `DisruptionTarget`, where the pod has to go for others. */
  readonly disruption?: string;
}

/** The status as the kubelet sees the pod now. Conditions of others are not in it. Pure. */
export function podStatus(sources: PodStatusSources): PodStatus {
  const { pod, now, acceptedAt, verdict, ended, hostIps, resize } = sources;
  const { generation } = pod.metadata;
  const seen = generation === undefined ? {} : { observedGeneration: generation };
  const startTime = pod.status?.startTime ?? rfc3339(acceptedAt);
  const hosts = hostIps.length === 0 ? {} : { hostIP: hostIps[0]!, hostIPs: hostIps.map((ip) => ({ ip })) };
  if (sources.end?.why === 'rejected')
    return { ...seen, phase: 'Failed', conditions: [], ...shownOf(verdict), startTime, qosClass: qosClassOf(pod) };

  const containers = containersOf(pod);
  const of = (...roles: readonly string[]) =>
    containerStatuses(
      sources,
      containers.filter(({ role }) => roles.includes(role)),
    );
  const found = { init: of('init', 'sidecar'), main: of('main') };
  const { init, main } = ended ? withEnds(found) : found;
  const ephemeral = of('ephemeral');
  // Conditions say what was seen: not what is taken for failed because all is over.
  const phase = phaseNow(sources, podPhase(pod, found, ended || sources.end?.why === 'completed'));
  const conditions = podConditions(
    { pod, phase, ...found, sandboxIsReady: isReady(sources), ...(resize && { resize }), verdict },
    rfc3339(now),
  );
  return {
    ...seen,
    phase: ended && phase !== 'Succeeded' ? 'Failed' : phase,
    conditions,
    ...(ended && shownOf(verdict)),
    ...hosts,
    ...podAddresses(sources),
    startTime,
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: main,
    qosClass: qosClassOf(pod),
    ...podLevelResources(pod),
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
  };
}

function shownOf(verdict: Verdict | undefined): Pick<PodStatus, 'reason' | 'message'> {
  return verdict === undefined ? {} : { reason: verdict.reason, message: verdict.message };
}

interface ContainerGroups {
  readonly init: ContainerStatus[];
  readonly main: ContainerStatus[];
}

const neverSeen: ContainerState = {
  terminated: {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
  },
};

/**
 * Of a pod that is over no container waits any more: what has not ended is taken for failed, but containers whose turn
 * had not come, behind the last init container that began, or the first one.
 */
function withEnds({ init, main }: ContainerGroups): ContainerGroups {
  const lastInit = init.at(-1);
  const isInitialized = lastInit === undefined || main.some(hasBegun) || lastInit.ready;
  const begun = Math.max(0, init.findLastIndex(hasBegun));
  const end = (status: ContainerStatus): ContainerStatus =>
    status.state?.terminated === undefined ? { ...status, state: neverSeen } : status;
  return { init: init.map((one, at) => (at <= begun ? end(one) : one)), main: isInitialized ? main.map(end) : main };
}

function hasBegun({ state, lastState }: ContainerStatus): boolean {
  return state?.waiting === undefined || lastState?.terminated !== undefined;
}

/** A phase that is final stays; a pod that has been failed shows it once nothing runs. */
function phaseNow({ pod, verdict, ended }: PodStatusSources, phase: PodPhase): PodPhase {
  const old = pod.status?.phase;
  if (old === 'Failed' || old === 'Succeeded') return old;
  return verdict !== undefined && ended ? 'Failed' : phase;
}

function isReady({ pod, observed }: PodStatusSources): boolean {
  const sandbox = currentSandbox(observed);
  return sandbox !== undefined && sandbox.ready && (pod.spec.hostNetwork === true || sandbox.ips.length > 0);
}

/** A pod keeps showing the addresses that it had. */
function podAddresses({ pod, observed, hostIps }: PodStatusSources): Pick<PodStatus, 'podIP' | 'podIPs'> {
  const sandbox = currentSandbox(observed);
  const ips = pod.spec.hostNetwork === true ? (sandbox?.ready ? hostIps : []) : (sandbox?.ips ?? []);
  if (ips.length > 0) return { podIP: ips[0]!, podIPs: ips.map((ip) => ({ ip })) };
  const { podIP, podIPs } = pod.status ?? {};
  return podIP === undefined ? {} : { podIP, ...(podIPs && { podIPs }) };
}
