import { setMember, type JsonObject } from '../patch/json-value.ts';
import {
  memberNamed,
  resolved,
  type ListStructure,
  type MapStructure,
  type ObjectStructure,
  type Structure,
} from '../structure.ts';
import { hasParts, isField, type FieldSet } from './field-set.ts';
import { itemPart } from './list-items.ts';

/**
 * Takes away what a manager applied before and applies no more, unless somebody owns it still. A member of a struct counts
 * as owned when anything below it is owned; an item of a list or map only when it is owned itself. Objects and lists that
 * end up empty go too. Does not change `value`.
 */
export function prune(value: unknown, before: FieldSet, owned: FieldSet | undefined, given: Structure): unknown {
  if (typeof value !== 'object' || value === null || !hasParts(before)) return value;
  const structure = resolved(given, value);
  switch (structure.kind) {
    case 'object':
      return structure.atomic ? value : prunedMembers(value as JsonObject, before, owned, structure);
    case 'map':
      return structure.atomic ? value : prunedEntries(value as JsonObject, before, owned, structure);
    case 'list':
      return structure.listType === 'atomic' ? value : prunedItems(value as unknown[], before, owned, structure);
    default:
      return value;
  }
}

function prunedMembers(
  value: JsonObject,
  before: FieldSet,
  owned: FieldSet | undefined,
  structure: ObjectStructure,
): JsonObject | undefined {
  const kept: JsonObject = {};
  for (const name in value) {
    const member = memberNamed(structure, name);
    const applied = member && before[member.part];
    if (member === undefined || applied === undefined) {
      kept[name] = value[name];
      continue;
    }
    const owners = owned?.[member.part];
    if (!structure.members.has(name)) {
      const left = prunedPart(value[name], applied, owners, member.type);
      if (left !== undefined) kept[name] = left;
      continue;
    }
    if (owners === undefined) continue;
    const left = prune(value[name], applied, owners, member.type);
    if (left !== undefined) kept[name] = left;
  }
  return emptied(kept, value);
}

function prunedEntries(
  value: JsonObject,
  before: FieldSet,
  owned: FieldSet | undefined,
  { element }: MapStructure,
): JsonObject | undefined {
  const kept: JsonObject = {};
  for (const name in value) {
    const part = `f:${name}`;
    const left = prunedPart(value[name], before[part], owned?.[part], element);
    if (left !== undefined) setMember(kept, name, left);
  }
  return emptied(kept, value);
}

function prunedItems(
  items: readonly unknown[],
  before: FieldSet,
  owned: FieldSet | undefined,
  list: ListStructure,
): unknown[] | undefined {
  const kept: unknown[] = [];
  for (const item of items) {
    const part = itemPart(item, list);
    const left = part === undefined ? item : prunedPart(item, before[part], owned?.[part], list.element);
    if (left !== undefined) kept.push(left);
  }
  return kept.length === 0 && items.length > 0 ? undefined : kept;
}

function prunedPart(
  value: unknown,
  before: FieldSet | undefined,
  owned: FieldSet | undefined,
  type: Structure,
): unknown {
  if (before === undefined) return value;
  if (isField(before) && !(owned !== undefined && isField(owned))) return undefined;
  return prune(value, before, owned, type);
}

function emptied(kept: JsonObject, value: JsonObject): JsonObject | undefined {
  for (const _ in kept) return kept;
  for (const _ in value) return undefined;
  return kept;
}
