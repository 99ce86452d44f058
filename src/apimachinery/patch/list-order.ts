import { jsonEqual } from '../equality.ts';
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
  const isSame = sameness(key);
  const place = (list: readonly unknown[], item: unknown) => list.findIndex((one) => isSame(one, item));
  const named = items
    .map((item) => ({ item, at: place(wanted, item) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => ({ item, at: place(before, item) }));
  const others = items
    .filter((item) => place(wanted, item) < 0)
    .map((item) => ({ item, at: place(before, item) }))
    .sort((a, b) => a.at - b.at);

  const result: unknown[] = [];
  let next = 0;
  for (const { item, at } of named) {
    for (let other = others[next]; other !== undefined && other.at >= 0 && other.at < at; other = others[++next])
      result.push(other.item);
    result.push(item);
  }
  for (const { item } of others.slice(next)) result.push(item);
  return result;
}

function sameness(key: string | undefined): (a: unknown, b: unknown) => boolean {
  if (key === undefined) return jsonEqual;
  return (a, b) => isObject(a) && isObject(b) && jsonEqual(memberOf(a, key), memberOf(b, key));
}
