import { fromDeclared } from './declared.ts';
import { DeclaredList, fromJson, type Value } from './value.ts';

export type List = readonly unknown[] | DeclaredList;

export function isList(value: Value): value is List {
  return Array.isArray(value) || value instanceof DeclaredList;
}

export function listSize(list: List): number {
  return list instanceof DeclaredList ? list.items.length : list.length;
}

/** The item at the index, which must be within the list. */
export function itemAt(list: List, index: number): Value {
  if (list instanceof DeclaredList) return fromDeclared(list.items[index], list.declaration.element!);
  return fromJson(list[index]);
}

/** All items as values. */
export function itemsOf(list: List): Value[] {
  const items: Value[] = [];
  for (let at = 0; at < listSize(list); at++) items.push(itemAt(list, at));
  return items;
}
