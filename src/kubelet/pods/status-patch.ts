import type { Pod, PodCondition, PodStatus } from '../../api/core/v1/types.ts';
import { equalJson } from '../../reconciler/equal-json.ts';

/** Fields that the kubelet takes away again; all others it only sets. */
const removable = ['reason', 'message', 'ephemeralContainerStatuses', 'allocatedResources'] as const;

/** Maps that are the kubelet's as a whole: an amount that is not in them is taken away. */
const maps = new Set(['allocatedResources', 'resources']);

/** Conditions that the kubelet takes away again. */
const passing: readonly string[] = ['PodResizePending', 'PodResizeInProgress'];

/** Those that are its own as well: a pod that it does not take on has none of them. */
const own: readonly string[] = ['PodReadyToStartContainers', 'PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];

/**
 * The strategic merge patch of `pods/status` that brings what `pod` shows to `wanted`; `undefined` when it shows that
 * already. Conditions of other writers stay. The uid in it keeps a patch from meeting a later pod of the same name.
 */
export function statusPatch(pod: Readonly<Pod>, wanted: PodStatus): StatusPatch | undefined {
  const old: PodStatus = pod.status ?? {};
  const changes: Record<string, unknown> = {};
  let isChanged = false;
  const change = (name: string, value: unknown): void => {
    changes[name] = value;
    isChanged = true;
  };
  for (const name in wanted) {
    const value = wanted[name as keyof PodStatus];
    if (value === undefined || name === 'conditions' || equalJson(value, old[name as keyof PodStatus])) continue;
    if (name === 'podIPs' || name === 'hostIPs') change(name, replaced(wanted[name]!));
    else
      change(
        name,
        maps.has(name) && old[name as keyof PodStatus] !== undefined
          ? { $patch: 'replace', ...(value as object) }
          : value,
      );
  }
  for (const name of removable) if (wanted[name] === undefined && old[name] !== undefined) change(name, null);
  const conditions: object[] = [];
  for (const one of wanted.conditions ?? []) {
    const shown = conditionOf(old, one.type);
    if (shown === undefined || !isShown(one, shown)) conditions.push(conditionPatch(shown, one));
  }
  for (const type of wanted.conditions?.length === 0 ? [...passing, ...own] : passing)
    if (conditionOf(old, type) !== undefined && !wanted.conditions?.some((one) => one.type === type))
      conditions.push({ $patch: 'delete', type });
  if (conditions.length > 0) change('conditions', conditions);
  return isChanged ? { metadata: { uid: pod.metadata.uid ?? '' }, status: changes } : undefined;
}

export interface StatusPatch {
  readonly metadata: { readonly uid: string };
  readonly status: Readonly<Record<string, unknown>>;
}

/**
 * Whether nobody waits for the change: addresses, the sandbox, generations and amounts alone, which the next change carries
 * along.
 */
export function canWait(pod: Readonly<Pod>, { status }: StatusPatch): boolean {
  const conditions = (status['conditions'] ?? []) as readonly PodCondition[];
  return (
    Object.keys(status).every((name) => minor.has(name)) &&
    conditions.every(({ type, status: value, reason, message }) => {
      const old = conditionOf(pod.status ?? {}, type);
      const isSame = old?.status === value && old.reason === reason && old.message === message;
      const { deletionTimestamp, finalizers = [] } = pod.metadata;
      const isLeaving = deletionTimestamp !== undefined && finalizers.length === 0;
      return isSame || (type === 'PodReadyToStartContainers' && (value === 'True' || isLeaving));
    })
  );
}

const minor = new Set(['podIP', 'podIPs', 'hostIP', 'hostIPs', 'observedGeneration', 'conditions', ...maps]);

/** What was said of the condition and holds no more is taken back. */
function conditionPatch(old: PodCondition | undefined, wanted: PodCondition): object {
  const outdated = (['reason', 'message'] as const).filter((field) => old?.[field] && wanted[field] === undefined);
  return { ...wanted, ...Object.fromEntries(outdated.map((field) => [field, null])) };
}

function isShown(wanted: PodCondition, old: PodCondition): boolean {
  return conditionFields.every((field) => (old[field] ?? undefined) === wanted[field]);
}

const conditionFields = ['status', 'reason', 'message', 'lastTransitionTime', 'observedGeneration'] as const;

function conditionOf({ conditions = [] }: PodStatus, type: string): PodCondition | undefined {
  return conditions.find((one) => one.type === type);
}

/** The list is merged by address on the server: old addresses go only when it is replaced. */
function replaced(list: readonly object[]): object[] {
  return [{ $patch: 'replace' }, ...list];
}
