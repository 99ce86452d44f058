import { jsonEqual } from '../equality.ts';
import type { JsonObject } from '../patch/json-value.ts';
import { memberNamed, resolved, type ListStructure, type ObjectStructure, type Structure } from '../structure.ts';
import { compareParts, manyParts, noteInOrder, sortedParts } from './field-order.ts';
import { emptySet, isEmptySet, leaf, self, shared, type FieldSet, type FieldSetDraft } from './field-set.ts';
import { hasRepeated, itemPart, itemsByPart, sameItem } from './list-items.ts';
import { itself, noParts, type SharedSet } from './shared-set.ts';

/** What differs between an object before and after a write. */
export interface Comparison {
  /** Fields that are new or have another value. */
  readonly taken: FieldSet;
  /** Fields that are there no more. */
  readonly removed: FieldSet;
}

/**
 * Compares two objects field by field. Fields in `ignored`, and all below them, are not looked at. What is the same costs
 * a walk and nothing else.
 */
export function compare(before: unknown, after: unknown, structure: Structure, ignored: FieldSet): Comparison {
  const walk = new Walk();
  walk.nodes(before, after, structure, isEmptySet(ignored) ? undefined : ignored);
  return { taken: walk.taken ?? emptySet, removed: walk.removed ?? emptySet };
}

/** All fields of a value, in order, as a manager owns them that brought the value into being. */
export function fieldsOf(value: unknown, given: Structure): FieldSet {
  const structure = resolved(given, value);
  switch (structure.kind) {
    case 'object':
      return structure.atomic || isNothing(value) ? leaf : memberFields(value as JsonObject, structure);
    case 'map':
      return structure.atomic || isNothing(value) ? leaf : entryFields(value as JsonObject, structure.element);
    case 'list':
      return structure.listType === 'atomic' || isNothing(value)
        ? leaf
        : itemFields(value as unknown[], structure, true);
    default:
      return leaf;
  }
}

function memberFields(value: JsonObject, structure: ObjectStructure): FieldSet {
  let fields: SharedSet | undefined;
  for (const name in value) {
    const given = value[name];
    const member = given === undefined ? undefined : memberNamed(structure, name);
    if (member !== undefined) fields = (fields ?? itself()).with(member.part, fieldsOf(given, member.type));
  }
  return fields?.set ?? leaf;
}

function entryFields(value: JsonObject, element: Structure): FieldSet {
  const names = Object.keys(value);
  if (names.length > manyParts) return manyEntryFields(value, names.sort(), element);
  let fields = itself();
  for (const name of names) fields = fields.with(`f:${name}`, fieldsOf(value[name], element));
  return fields.set;
}

function manyEntryFields(value: JsonObject, names: readonly string[], element: Structure): FieldSet {
  const fields: FieldSetDraft = { [self]: leaf };
  for (const name of names) fields[`f:${name}`] = fieldsOf(value[name], element);
  noteInOrder(fields);
  return fields;
}

/** `isField`: the list is a field itself. */
function itemFields(items: readonly unknown[], list: ListStructure, isField: boolean): FieldSet {
  if (items.length > manyParts) return longListFields(items, list, isField ? { [self]: leaf } : {});
  const parts: string[] = [];
  let fields: SharedSet | undefined;
  for (const item of items) {
    const part = itemPart(item, list);
    if (part === undefined) continue;
    // Items that share a part are one field.
    if (parts.includes(part)) return longListFields(items, list, isField ? { [self]: leaf } : {});
    parts.push(part);
    fields = (fields ?? (isField ? itself() : noParts())).with(part, fieldsOf(item, list.element));
  }
  return fields?.set ?? leaf;
}

function longListFields(items: readonly unknown[], list: ListStructure, fields: FieldSetDraft): FieldSet {
  const known: { readonly part: string; readonly item: unknown }[] = [];
  for (const item of items) {
    const part = itemPart(item, list);
    if (part !== undefined) known.push({ part, item });
  }
  known.sort((a, b) => compareParts(a.part, b.part));
  let before = leaf;
  for (let at = 0; at < known.length; at++) {
    const { part, item } = known[at]!;
    before = part === known[at - 1]?.part ? leaf : shared(before, fieldsOf(item, list.element));
    fields[part] = before;
  }
  if (known.length === 0) return leaf;
  noteInOrder(fields);
  return fields;
}

/** Whether Kubernetes treats the value as one field, because there is nothing in it. */
function isNothing(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

/** The answer of each step is left in `taken` and `removed`, so that equal parts allocate nothing. */
class Walk {
  taken: FieldSet | undefined;
  removed: FieldSet | undefined;

  nodes(before: unknown, after: unknown, given: Structure, ignored: FieldSet | undefined): void {
    this.taken = undefined;
    this.removed = undefined;
    if (before === after) return;
    const type = resolved(given, before, after);
    if (before === undefined) {
      this.taken = fieldsOf(after, type);
      return;
    }
    if (after === undefined) {
      this.removed = fieldsOf(before, type);
      return;
    }
    if (isWhole(type) || (isNothing(before) && isNothing(after))) {
      if (!jsonEqual(before, after)) this.taken = leaf;
      return;
    }
    if (type.kind === 'object') this.#members(before as JsonObject | null, after as JsonObject | null, type, ignored);
    else if (type.kind === 'map') this.#entries(before as JsonObject | null, after as JsonObject | null, type.element);
    else if (type.kind === 'list') {
      // A list that was there without items, as in what is created, is no field; what comes into it is.
      if (isNothing(before)) this.taken = unlessEmpty(itemFields(after as unknown[], type, false));
      else this.#items(before as unknown[], (after as unknown[] | null) ?? [], type);
    }
  }

  #members(
    before: JsonObject | null,
    after: JsonObject | null,
    structure: ObjectStructure,
    ignored: FieldSet | undefined,
  ): void {
    let taken: SharedSet | undefined;
    let removed: SharedSet | undefined;
    for (const name in after) {
      const member = memberNamed(structure, name);
      if (member === undefined) continue;
      const below = ignored?.[member.part];
      if (below !== undefined && isEmptySet(below)) continue;
      this.nodes(before?.[name], after[name], member.type, below);
      if (this.taken !== undefined) taken = (taken ?? noParts()).with(member.part, this.taken);
      if (this.removed !== undefined) removed = (removed ?? noParts()).with(member.part, this.removed);
    }
    for (const name in before) {
      if (after?.[name] !== undefined || before[name] === undefined) continue;
      const member = memberNamed(structure, name);
      if (member === undefined) continue;
      const below = ignored?.[member.part];
      if (below !== undefined && isEmptySet(below)) continue;
      removed = (removed ?? noParts()).with(member.part, fieldsOf(before[name], member.type));
    }
    this.taken = taken?.set;
    this.removed = removed?.set;
  }

  #entries(before: JsonObject | null, after: JsonObject | null, element: Structure): void {
    let taken: SharedSet | undefined;
    let removed: SharedSet | undefined;
    for (const name in after) {
      const given = ownOf(before, name);
      const now = after[name];
      if (given === now) continue;
      this.nodes(given, now, element, undefined);
      if (this.taken !== undefined) taken = (taken ?? noParts()).with(`f:${name}`, this.taken);
      if (this.removed !== undefined) removed = (removed ?? noParts()).with(`f:${name}`, this.removed);
    }
    for (const name in before)
      if (ownOf(after, name) === undefined)
        removed = (removed ?? noParts()).with(`f:${name}`, fieldsOf(before[name], element));
    this.taken = taken?.set;
    this.removed = removed?.set;
  }

  #items(before: readonly unknown[], after: readonly unknown[], list: ListStructure): void {
    if (inSameOrder(before, after, list)) this.#pairs(before, after, list);
    else this.#shuffled(before, after, list);
  }

  #pairs(before: readonly unknown[], after: readonly unknown[], list: ListStructure): void {
    let taken: SharedSet | undefined;
    let removed: SharedSet | undefined;
    for (let i = 0; i < after.length; i++) {
      this.nodes(before[i], after[i], list.element, undefined);
      if (this.taken === undefined && this.removed === undefined) continue;
      const part = itemPart(after[i], list)!;
      if (this.taken !== undefined) taken = (taken ?? noParts()).with(part, this.taken);
      if (this.removed !== undefined) removed = (removed ?? noParts()).with(part, this.removed);
    }
    this.taken = taken?.set;
    this.removed = removed?.set;
  }

  /** Items that share a part with another one of their list are compared together, as one field. */
  #shuffled(before: readonly unknown[], after: readonly unknown[], list: ListStructure): void {
    const old = itemsByPart(before, list).parts;
    const now = itemsByPart(after, list).parts;
    let taken: SharedSet | undefined;
    let removed: SharedSet | undefined;
    const order = now.size > manyParts ? sortedParts([...now.keys()]) : now.keys();
    for (const part of order) {
      const items = now.get(part)!;
      const same = old.get(part);
      if (items.length > 1 || (same !== undefined && same.length > 1)) {
        if (!jsonEqual(same, items)) taken = (taken ?? noParts()).with(part, leaf);
        continue;
      }
      this.nodes(same?.[0], items[0], list.element, undefined);
      if (this.taken !== undefined) taken = (taken ?? noParts()).with(part, this.taken);
      if (this.removed !== undefined) removed = (removed ?? noParts()).with(part, this.removed);
    }
    for (const [part, items] of old) {
      if (now.has(part)) continue;
      const fields = items.length > 1 ? leaf : fieldsOf(items[0], list.element);
      removed = (removed ?? noParts()).with(part, fields);
    }
    this.taken = taken?.set;
    this.removed = removed?.set;
  }
}

function unlessEmpty(set: FieldSet): FieldSet | undefined {
  return isEmptySet(set) ? undefined : set;
}

function isWhole(type: Structure): boolean {
  switch (type.kind) {
    case 'object':
    case 'map':
      return type.atomic;
    case 'list':
      return type.listType === 'atomic';
    default:
      return true;
  }
}

/** Whether both lists have the same items in the same order, each once. */
function inSameOrder(before: readonly unknown[], after: readonly unknown[], list: ListStructure): boolean {
  if (before.length !== after.length) return false;
  for (let i = 0; i < after.length; i++) if (!sameItem(before[i], after[i], list)) return false;
  return !hasRepeated(after, list);
}

function ownOf(object: JsonObject | null, name: string): unknown {
  return object !== null && Object.hasOwn(object, name) ? object[name] : undefined;
}
