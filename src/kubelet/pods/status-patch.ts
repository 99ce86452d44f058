import type { Pod, PodCondition, PodStatus } from '../../api/core/v1/types.ts';
import { equalJson } from '../../reconciler/equal-json.ts';

/** Fields that the kubelet takes away again; all others it only sets. */
const removable = ['reason', 'message', 'ephemeralContainerStatuses'] as const;

/**
 * The strategic merge patch of `pods/status` that brings what `pod` shows to `wanted`; `undefined` when it shows that
 * already. Conditions of other writers stay. The uid in it keeps a patch from meeting a later pod of the same name.
 */
export function statusPatch(pod: Readonly<Pod>, wanted: PodStatus): StatusPatch | undefined {
  const old: PodStatus = pod.status ?? {};
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const shown = old[name as keyof PodStatus];
    if (name === 'conditions') continue;
    if (value !== undefined && !equalJson(value, shown))
      changes[name] = name === 'podIPs' || name === 'hostIPs' ? replaced(wanted[name]!) : value;
  }
  for (const name of removable) if (wanted[name] === undefined && old[name] !== undefined) changes[name] = null;
  const conditions = (wanted.conditions ?? []).flatMap((one) => conditionPatch(conditionOf(old, one.type), one));
  if (conditions.length > 0) changes['conditions'] = conditions;
  if (Object.keys(changes).length === 0) return undefined;
  return { metadata: { uid: pod.metadata.uid ?? '' }, status: changes };
}

export interface StatusPatch {
  readonly metadata: { readonly uid: string };
  readonly status: Readonly<Record<string, unknown>>;
}

/**
 * Whether nobody waits for the change: addresses, the sandbox and generations alone, which the next change carries
 * along.
 */
export function canWait(pod: Readonly<Pod>, { status }: StatusPatch): boolean {
  const minor = new Set(['podIP', 'podIPs', 'hostIP', 'hostIPs', 'observedGeneration', 'conditions']);
  const conditions = (status['conditions'] ?? []) as readonly PodCondition[];
  return (
    Object.keys(status).every((name) => minor.has(name)) &&
    conditions.every(({ type, status: value, reason, message }) => {
      const old = conditionOf(pod.status ?? {}, type);
      const isSame = old?.status === value && old.reason === reason && old.message === message;
      const isLeaving = pod.metadata.deletionTimestamp !== undefined;
      return isSame || (type === 'PodReadyToStartContainers' && (value === 'True' || isLeaving));
    })
  );
}

/** What was said of the condition and holds no more is taken back. */
function conditionPatch(old: PodCondition | undefined, wanted: PodCondition): object[] {
  const same = conditionFields.every((field) => (old?.[field] ?? undefined) === wanted[field]);
  if (old !== undefined && same) return [];
  const outdated = (['reason', 'message'] as const).filter((field) => old?.[field] && wanted[field] === undefined);
  return [{ ...wanted, ...Object.fromEntries(outdated.map((field) => [field, null])) }];
}

const conditionFields = ['status', 'reason', 'message', 'lastTransitionTime', 'observedGeneration'] as const;

function conditionOf({ conditions = [] }: PodStatus, type: string): PodCondition | undefined {
  return conditions.find((one) => one.type === type);
}

/** The list is merged by address on the server: old addresses go only when it is replaced. */
function replaced(list: readonly object[]): object[] {
  return [{ $patch: 'replace' }, ...list];
}
