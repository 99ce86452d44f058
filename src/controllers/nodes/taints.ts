import type { Node, Taint } from '../../api/core/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';

export const notReadyTaint = 'node.kubernetes.io/not-ready';
export const unreachableTaint = 'node.kubernetes.io/unreachable';
const unschedulableTaint = 'node.kubernetes.io/unschedulable';
/** Which condition puts which taint on a node: nothing new is placed there while it lasts. */
const noScheduleTaints: readonly { readonly condition: string; readonly status: string; readonly key: string }[] = [
  { condition: 'Ready', status: 'False', key: notReadyTaint },
  { condition: 'Ready', status: 'Unknown', key: unreachableTaint },
  { condition: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { condition: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { condition: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
  { condition: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
];

type Mark = Pick<Taint, 'key' | 'effect'>;

/** Taints that the node's conditions and its being cordoned ask for. */
export function noScheduleMarks({ spec, status }: Readonly<Node>): Mark[] {
  const holds = (type: string, value: string): boolean =>
    status?.conditions?.some((one) => one.type === type && one.status === value) === true;
  const keys = noScheduleTaints.filter((one) => holds(one.condition, one.status)).map(({ key }) => key);
  if (spec?.unschedulable === true) keys.push(unschedulableTaint);
  return keys.map((key) => ({ key, effect: 'NoSchedule' }));
}

/** The taint that drives pods off a node that is not ready or silent; none for a node that is well. */
export function noExecuteMark({ status }: Readonly<Node>): Mark | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  if (ready === 'False') return { key: notReadyTaint, effect: 'NoExecute' };
  return ready === 'Unknown' ? { key: unreachableTaint, effect: 'NoExecute' } : undefined;
}

const ownNoSchedule = new Set([...noScheduleTaints.map(({ key }) => key), unschedulableTaint]);
const ownNoExecute = new Set([notReadyTaint, unreachableTaint]);

/**
 * The node's taints with ours as they should be, or `undefined` if they are so already. Taints of others stay in place;
 * one of ours that stays keeps its time, from which pods' patience counts.
 */
export function planTaints(node: Readonly<Node>, wanted: readonly Mark[], now: number): Taint[] | undefined {
  const present = node.spec?.taints ?? [];
  const isOurs = ({ key, effect }: Taint): boolean =>
    (effect === 'NoSchedule' && ownNoSchedule.has(key)) || (effect === 'NoExecute' && ownNoExecute.has(key));
  const kept = present.filter((taint) => !isOurs(taint) || wanted.some((mark) => isSame(mark, taint)));
  const added = wanted.filter((mark) => !present.some((taint) => isSame(mark, taint)));
  if (added.length === 0 && kept.length === present.length) return undefined;
  return [...kept, ...added.map((mark) => ({ ...mark, timeAdded: rfc3339(now) }))];
}

function isSame(a: Mark, b: Mark): boolean {
  return a.key === b.key && a.effect === b.effect;
}
