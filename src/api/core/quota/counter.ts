import type { KubeObject } from '../../../apimachinery/object.ts';
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../v1/types.ts';
import { amountsOf, pick, plus, type Amounts } from './amounts.ts';

export type Scope = Readonly<ScopedResourceSelectorRequirement>;

/** How objects of one kind count against quotas ("Resource Quotas", concepts). */
export interface Counter<T extends KubeObject = any> {
  /** Whether the kind has anything to do with a resource of a quota. */
  counts(resource: string): boolean;
  /** Whether an object is within a scope; kinds without scopes are in none. */
  isWithin?(object: Readonly<T>, scope: Scope): boolean;
  /** `now` is wall time in milliseconds: what is overdue counts no more. */
  usage(object: Readonly<T>, now: number): Amounts;
  /** Whether an update can change what an object uses; creations always do. `subresource` as in the path. */
  changesBy?(subresource: string | undefined, object: Readonly<T>, old: Readonly<T>): boolean;
  /** Whether an object may use less than before, which nobody has told the quotas. */
  frees?(object: Readonly<T>, old: Readonly<T>): boolean;
  /** What the object must say for resources that a quota bounds, and does not. */
  missing?(object: Readonly<T>, resources: readonly string[]): string | undefined;
}

function scopesOf({ spec }: Readonly<ResourceQuota>): readonly Scope[] {
  const plain = (spec.scopes ?? []).map((scopeName): Scope => ({ scopeName, operator: 'Exists' }));
  return [...plain, ...(spec.scopeSelector?.matchExpressions ?? [])];
}

/** Whether an object counts against a quota. */
export function covers<T extends KubeObject>(
  quota: Readonly<ResourceQuota>,
  counter: Counter<T>,
  object: Readonly<T>,
): boolean {
  if (!Object.keys(quota.status?.hard ?? {}).some((name) => counter.counts(name))) return false;
  return isWithinScopes(quota, counter, object);
}

function isWithinScopes(quota: Readonly<ResourceQuota>, counter: Counter, object: Readonly<KubeObject>): boolean {
  return scopesOf(quota).every((scope) => counter.isWithin?.(object, scope) ?? false);
}

/** What there is of a kind that may count against a quota. */
export interface Counted {
  readonly counter: Counter;
  readonly objects: readonly Readonly<KubeObject>[];
}

/**
 * What all objects use together of the resources that the quota's spec bounds. Of resources that none of `kinds` counts,
 * such as those of kinds that are not served, nothing is said.
 */
export function usageOf(quota: Readonly<ResourceQuota>, kinds: readonly Counted[], now: number): Amounts {
  const bounded = Object.keys(quota.spec.hard ?? {});
  let used: Amounts = {};
  for (const { counter, objects } of kinds) {
    const names = bounded.filter((name) => counter.counts(name));
    if (names.length === 0) continue;
    used = plus(used, amountsOf(Object.fromEntries(names.map((name) => [name, '0']))));
    for (const object of objects)
      if (isWithinScopes(quota, counter, object)) used = plus(used, counter.usage(object, now));
  }
  return pick(used, (name) => bounded.includes(name));
}
