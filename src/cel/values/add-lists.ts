import { itemKey } from './equal.ts';
import { itemsOf, type List } from './list.ts';
import { DeclaredList, DeclaredMap, type Value } from './value.ts';

/**
 * `a + b`. Where the schema of `a` says that it is a set, what `b` has beyond that comes behind; of a list that is a map,
 * items of `b` take the place of those with the same keys.
 */
export function addLists(a: List, b: List): Value {
  if (!(a instanceof DeclaredList) || a.declaration.listType === undefined) return [...itemsOf(a), ...itemsOf(b)];
  // The items stay as they are in the document, so that the sum is read by the schema of `a`.
  const added = b instanceof DeclaredList ? b.items : b.map(asJson);
  const items = new Map(a.items.map((item) => [itemKey(item, a), item]));
  for (const item of added) items.set(itemKey(item, a), item);
  return new DeclaredList([...items.values()], a.declaration);
}

function asJson(item: unknown): unknown {
  return item instanceof DeclaredMap ? item.members : item instanceof DeclaredList ? item.items : item;
}
