import type { AggregationRule, PolicyRule, RoleRef, Subject } from '../../api/rbac/v1/types.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { uncovered } from '../auth/rbac-escalation.ts';

const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';

interface RoleLike extends KubeObject {
  rules?: PolicyRule[] | null;
  aggregationRule?: AggregationRule;
}
interface BindingLike extends KubeObject {
  subjects?: Subject[];
  roleRef: RoleRef;
}

/** What to do about an object of the cluster's own that is there: nothing, write it, or make it anew. */
export type Repair = { readonly kind: 'none' } | { readonly kind: 'update' | 'replace'; readonly object: KubeObject };

const none: Repair = { kind: 'none' };

/** A role keeps what was added to it and gets back what it lacks. Nothing is done where `autoupdate` is `false`. */
export function repairRole(now: Readonly<RoleLike>, wanted: Readonly<RoleLike>): Repair {
  if (isLeftAlone(now)) return none;
  const role = cloneJson(now) as RoleLike;
  let changed = addMetadata(role, wanted);
  if (wanted.aggregationRule === undefined) {
    // Whole rules come back, so that the role reads as it should.
    const missing = (wanted.rules ?? []).filter((rule) => uncovered(now.rules ?? [], [rule]).length > 0);
    if (missing.length > 0) role.rules = [...(role.rules ?? []), ...missing];
    changed ||= missing.length > 0;
  } else {
    const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
    const missing = (wanted.aggregationRule.clusterRoleSelectors ?? []).filter(
      (one) => !selectors.some((other) => jsonEqual(one, other)),
    );
    if (missing.length > 0) role.aggregationRule = { clusterRoleSelectors: [...selectors, ...missing] };
    changed ||= missing.length > 0;
  }
  return changed ? { kind: 'update', object: role } : none;
}

/** A binding keeps subjects that were added and gets back those it lacks; one of another role is made anew. */
export function repairBinding(now: Readonly<BindingLike>, wanted: Readonly<BindingLike>): Repair {
  if (isLeftAlone(now)) return none;
  if (!jsonEqual(now.roleRef, wanted.roleRef)) return { kind: 'replace', object: cloneJson(wanted) as KubeObject };
  const binding = cloneJson(now) as BindingLike;
  const changed = addMetadata(binding, wanted);
  const missing = (wanted.subjects ?? []).filter((one) => !now.subjects?.some((other) => sameSubject(one, other)));
  if (missing.length === 0 && !changed) return none;
  binding.subjects = [...(binding.subjects ?? []), ...missing];
  return { kind: 'update', object: binding };
}

/** Whether an object says that the server is not to keep it. */
export function isLeftAlone({ metadata }: Readonly<KubeObject>): boolean {
  return metadata.annotations?.[autoUpdate] === 'false';
}

function sameSubject(a: Subject, b: Subject): boolean {
  return a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
}

/** Adds labels and annotations that are missing; values that somebody changed stay. */
function addMetadata({ metadata }: KubeObject, wanted: Readonly<KubeObject>): boolean {
  const labels = { ...wanted.metadata.labels, ...metadata.labels };
  const annotations = { ...wanted.metadata.annotations, ...metadata.annotations };
  const changed = !jsonEqual(labels, metadata.labels ?? {}) || !jsonEqual(annotations, metadata.annotations ?? {});
  if (changed) Object.assign(metadata, { labels, annotations });
  return changed;
}
