import { jsonEqual } from '../equality.ts';
import type { JsonObject } from '../patch/json-value.ts';
import type { ListStructure, ObjectStructure, Structure } from '../structure.ts';
import { compareParts, inOrder, manyParts, noteInOrder, sortedParts } from './field-order.ts';
import { emptySet, isEmptySet, leaf, self, shared, type FieldSet, type FieldSetDraft } from './field-set.ts';
import { itemPart, itemsByPart, sameItem } from './list-items.ts';

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
export function fieldsOf(value: unknown, structure: Structure): FieldSet {
  switch (structure.kind) {
    case 'object':
      return structure.atomic || isNothing(value) ? leaf : memberFields(value as JsonObject, structure);
    case 'map':
      return structure.atomic || isNothing(value)
        ? leaf
        : entryFields(value as JsonObject, structure.element, asField());
    case 'list':
      return structure.listType === 'atomic' || isNothing(value)
        ? leaf
        : itemFields(value as unknown[], structure, asField());
    default:
      return leaf;
  }
}

/** A node that is a field itself; what it holds is added. Made so, because a copy that puts the mark first costs more. */
function asField(): FieldSetDraft {
  return { [self]: leaf };
}

function memberFields(value: JsonObject, { members }: ObjectStructure): FieldSet {
  let fields: FieldSetDraft | undefined;
  for (const name of sortedNames(value)) {
    const member = members.get(name);
    if (member === undefined || value[name] === undefined) continue;
    (fields ??= asField())[member.part] = fieldsOf(value[name], member.type);
  }
  return fields ?? leaf;
}

function entryFields(value: JsonObject, element: Structure, fields: FieldSetDraft): FieldSet {
  const names = sortedNames(value);
  for (const name of names) fields[`f:${name}`] = fieldsOf(value[name], element);
  if (names.length > manyParts) noteInOrder(fields);
  return fields;
}

function itemFields(items: readonly unknown[], list: ListStructure, fields: FieldSetDraft): FieldSet {
  if (items.length > manyParts) return longListFields(items, list, fields);
  let before = '';
  let isInOrder = true;
  for (const item of items) {
    const part = itemPart(item, list);
    if (part === undefined) continue;
    fields[part] = part in fields ? leaf : fieldsOf(item, list.element);
    if (before !== '' && isInOrder) isInOrder = compareParts(before, part) <= 0;
    before = part;
  }
  if (before === '') return leaf;
  return isInOrder ? fields : inOrder(fields);
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

/** Names of members, in the order in which sets hold them. */
function sortedNames(value: JsonObject): string[] {
  const names = Object.keys(value);
  for (let at = 1; at < names.length; at++) if (names[at - 1]! > names[at]!) return names.sort();
  return names;
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

  nodes(before: unknown, after: unknown, type: Structure, ignored: FieldSet | undefined): void {
    this.taken = undefined;
    this.removed = undefined;
    if (before === after) return;
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
      if (isNothing(before)) this.taken = unlessEmpty(itemFields(after as unknown[], type, {}));
      else this.#items(before as unknown[], (after as unknown[] | null) ?? [], type);
    }
  }

  #members(
    before: JsonObject | null,
    after: JsonObject | null,
    { members }: ObjectStructure,
    ignored: FieldSet | undefined,
  ): void {
    let taken: FieldSetDraft | undefined;
    let removed: FieldSetDraft | undefined;
    for (const name in after) {
      const member = members.get(name);
      if (member === undefined) continue;
      const below = ignored?.[member.part];
      if (below !== undefined && isEmptySet(below)) continue;
      this.nodes(before?.[name], after[name], member.type, below);
      if (this.taken !== undefined) (taken ??= {})[member.part] = this.taken;
      if (this.removed !== undefined) (removed ??= {})[member.part] = this.removed;
    }
    for (const name in before) {
      if (after?.[name] !== undefined || before[name] === undefined) continue;
      const member = members.get(name);
      if (member === undefined) continue;
      const below = ignored?.[member.part];
      if (below !== undefined && isEmptySet(below)) continue;
      (removed ??= {})[member.part] = fieldsOf(before[name], member.type);
    }
    this.taken = taken;
    this.removed = removed;
  }

  #entries(before: JsonObject | null, after: JsonObject | null, element: Structure): void {
    let taken: FieldSetDraft | undefined;
    let removed: FieldSetDraft | undefined;
    for (const name of sortedNames(after ?? {})) {
      const given = ownOf(before, name);
      const now = after![name];
      if (given === now) continue;
      this.nodes(given, now, element, undefined);
      if (this.taken !== undefined) (taken ??= {})[`f:${name}`] = this.taken;
      if (this.removed !== undefined) (removed ??= {})[`f:${name}`] = this.removed;
    }
    for (const name in before)
      if (ownOf(after, name) === undefined) (removed ??= {})[`f:${name}`] = fieldsOf(before[name], element);
    this.taken = taken;
    this.removed = removed;
  }

  #items(before: readonly unknown[], after: readonly unknown[], list: ListStructure): void {
    if (inSameOrder(before, after, list)) this.#pairs(before, after, list);
    else this.#shuffled(before, after, list);
  }

  #pairs(before: readonly unknown[], after: readonly unknown[], list: ListStructure): void {
    let taken: FieldSetDraft | undefined;
    let removed: FieldSetDraft | undefined;
    for (let i = 0; i < after.length; i++) {
      this.nodes(before[i], after[i], list.element, undefined);
      if (this.taken === undefined && this.removed === undefined) continue;
      const part = itemPart(after[i], list)!;
      if (this.taken !== undefined) (taken ??= {})[part] = this.taken;
      if (this.removed !== undefined) (removed ??= {})[part] = this.removed;
    }
    this.taken = taken;
    this.removed = removed;
  }

  /** Items that share a part with another one of their list are compared together, as one field. */
  #shuffled(before: readonly unknown[], after: readonly unknown[], list: ListStructure): void {
    const old = itemsByPart(before, list).parts;
    const now = itemsByPart(after, list).parts;
    let taken: FieldSetDraft | undefined;
    let removed: FieldSetDraft | undefined;
    let last = leaf;
    const order = now.size > manyParts ? sortedParts([...now.keys()]) : now.keys();
    for (const part of order) {
      const items = now.get(part)!;
      const same = old.get(part);
      if (items.length > 1 || (same !== undefined && same.length > 1)) {
        if (!jsonEqual(same, items)) (taken ??= {})[part] = leaf;
        continue;
      }
      this.nodes(same?.[0], items[0], list.element, undefined);
      if (this.taken !== undefined) (taken ??= {})[part] = last = shared(last, this.taken);
      if (this.removed !== undefined) (removed ??= {})[part] = this.removed;
    }
    for (const [part, items] of old)
      if (!now.has(part)) (removed ??= {})[part] = items.length > 1 ? leaf : fieldsOf(items[0], list.element);
    this.taken = taken;
    this.removed = removed;
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

/** Longer lists are compared by a table of their items: looking for repeated ones would take too long. */
const shortList = 24;

/** Whether both lists are short and have the same items in the same order, each once. */
function inSameOrder(before: readonly unknown[], after: readonly unknown[], list: ListStructure): boolean {
  if (before.length !== after.length || after.length > shortList) return false;
  for (let i = 0; i < after.length; i++) if (!sameItem(before[i], after[i], list)) return false;
  for (let i = 1; i < after.length; i++)
    for (let j = 0; j < i; j++) if (sameItem(after[i], after[j], list)) return false;
  return true;
}

function ownOf(object: JsonObject | null, name: string): unknown {
  return object !== null && Object.hasOwn(object, name) ? object[name] : undefined;
}
