import type { JsonObject } from '../patch/json-value.ts';
import type { ListStructure } from '../structure.ts';

/**
 * The part of a field path that stands for an item of a list: `k:{"name":"app"}` by its keys, `v:"x"` by its value.
 * `undefined` when the item lacks a key that has no default.
 */
export function itemPart(item: unknown, list: ListStructure): string | undefined {
  if (list.listType === 'set') return `v:${JSON.stringify(item)}`;
  let text = '';
  for (const key of list.keys) {
    const value = keyOf(item, key, list);
    if (value === undefined) return undefined;
    text += `${text === '' ? '' : ','}"${key}":${JSON.stringify(value)}`;
  }
  return `k:{${text}}`;
}

/** The item's value of a key, or the key's default. */
export function keyOf(item: unknown, key: string, { element }: ListStructure): unknown {
  const own = typeof item === 'object' && item !== null ? (item as JsonObject)[key] : undefined;
  if (own !== undefined && own !== null) return own;
  const fallback = element.kind === 'object' ? element.members.get(key)?.default : undefined;
  return fallback === null ? undefined : fallback;
}

/** Whether two items have the same keys. */
export function sameItem(a: unknown, b: unknown, list: ListStructure): boolean {
  if (list.listType === 'set') return a === b;
  for (const key of list.keys) {
    const value = keyOf(a, key, list);
    if (value === undefined || value !== keyOf(b, key, list)) return false;
  }
  return true;
}

/** In longer lists repeated items are looked for by a table: to compare all with each other takes too long. */
const shortList = 24;

/** Whether two items of a list, of which each has its keys, have the same. */
export function hasRepeated(items: readonly unknown[], list: ListStructure): boolean {
  if (items.length > shortList) return new Set(items.map((item) => identityOf(item, list))).size < items.length;
  for (let i = 1; i < items.length; i++)
    for (let j = 0; j < i; j++) if (sameItem(items[i], items[j], list)) return true;
  return false;
}

/** Equal for items with the same keys; a part, where more than one value makes it. */
function identityOf(item: unknown, list: ListStructure): unknown {
  if (list.listType === 'set') return item;
  return list.keys.length === 1 ? keyOf(item, list.keys[0]!, list) : itemPart(item, list);
}

/** Items by their part. Items that have none, and those behind the first of a part, are in `others`. */
export function itemsByPart(
  items: readonly unknown[],
  list: ListStructure,
): { readonly parts: ReadonlyMap<string, unknown[]>; readonly others: readonly unknown[] } {
  const parts = new Map<string, unknown[]>();
  const others: unknown[] = [];
  for (const item of items) {
    const part = itemPart(item, list);
    if (part === undefined) {
      others.push(item);
      continue;
    }
    const same = parts.get(part);
    if (same) same.push(item);
    else parts.set(part, [item]);
  }
  return { parts, others };
}
