import type { Node, NodeCondition } from '../../api/core/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';

/** How long a node that has reported before may be silent, in milliseconds. */
export const gracePeriodMs = 50_000;
/** How long a new node has until its first report. */
export const startupGraceMs = 60_000;

/** What was last seen of a node, and when that was by our own clock: nodes' clocks may differ. */
export interface Observation {
  /** Changes with every sign of life: the Lease's renewal, or a newer status. */
  readonly sign: string;
  readonly seenAt: number;
}

export function observe(
  previous: Observation | undefined,
  node: Readonly<Node>,
  leaseRenewal: string | undefined,
  now: number,
): Observation {
  const ready = readyCondition(node);
  const sign = JSON.stringify([leaseRenewal, ready?.status, ready?.lastHeartbeatTime]);
  return previous?.sign === sign ? previous : { sign, seenAt: now };
}

/** Milliseconds until the node counts as lost; 0 or less: it does. */
export function untilLost(node: Readonly<Node>, { seenAt }: Observation, now: number): number {
  return seenAt + (readyCondition(node) === undefined ? startupGraceMs : gracePeriodMs) - now;
}

export function readyCondition({ status }: Readonly<Node>): NodeCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The conditions of a lost node: what its agent used to report is no longer known. */
export function lostConditions({ metadata, status }: Readonly<Node>, now: number): NodeCondition[] {
  const present = status?.conditions ?? [];
  const since = rfc3339(now);
  const updated = present.map((condition) =>
    reported.includes(condition.type) && condition.status !== 'Unknown'
      ? {
          ...condition,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: since,
        }
      : condition,
  );
  const missing = reported.filter((type) => !present.some((condition) => condition.type === type));
  const never = missing.map((type) => ({
    type,
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: metadata.creationTimestamp,
    lastTransitionTime: since,
  }));
  return [...updated, ...never] as NodeCondition[];
}
