import { identityOf } from './identity.ts';
import { isObject, memberOf } from './json-value.ts';

/**
 * The order of a merged list: items named by `wanted` come in its sequence; each of the others is put before the first
 * of those that stood behind it in `before`, or else at the end. With `key`, items are the same when their keys are.
 */
export function orderedBy(
  items: readonly unknown[],
  wanted: readonly unknown[],
  before: readonly unknown[],
  key: string | undefined,
): unknown[] {
  const wantedAt = placesIn(wanted, key);
  const beforeAt = placesIn(before, key);
  const named: Placed[] = [];
  const others: Placed[] = [];
  for (const item of items) {
    const identity = listIdentity(item, key);
    const at = placeOf(identity, wantedAt);
    if (at >= 0) named.push({ item, at, before: placeOf(identity, beforeAt) });
    else others.push({ item, at: placeOf(identity, beforeAt), before: -1 });
  }
  named.sort((a, b) => a.at - b.at);
  others.sort((a, b) => a.at - b.at);

  const result: unknown[] = [];
  let next = 0;
  for (const { item, before: at } of named) {
    for (let other = others[next]; other !== undefined && other.at >= 0 && other.at < at; other = others[++next])
      result.push(other.item);
    result.push(item);
  }
  for (; next < others.length; next++) result.push(others[next]!.item);
  return result;
}

interface Placed {
  readonly item: unknown;
  readonly at: number;
  readonly before: number;
}

/** Where each item stands first, by what makes it the same as another. */
function placesIn(list: readonly unknown[], key: string | undefined): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [at, item] of list.entries()) {
    const identity = listIdentity(item, key);
    if (identity !== undefined && !places.has(identity)) places.set(identity, at);
  }
  return places;
}

function placeOf(identity: string | undefined, places: ReadonlyMap<string, number>): number {
  return (identity === undefined ? undefined : places.get(identity)) ?? -1;
}

/** `undefined` for what is the same as nothing: with a key, only objects can be. */
function listIdentity(item: unknown, key: string | undefined): string | undefined {
  if (key === undefined) return identityOf(item);
  return isObject(item) ? identityOf(memberOf(item, key)) : undefined;
}
