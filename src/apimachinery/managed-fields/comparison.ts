import { wholeOf, type Steps } from '../../base/in-steps.ts';
import { jsonEqual } from '../equality.ts';
import type { JsonObject } from '../patch/json-value.ts';
import {
  memberNamed,
  resolved,
  type ListStructure,
  type MapStructure,
  type ObjectStructure,
  type Structure,
} from '../structure.ts';
import { manyParts } from './field-order.ts';
import { emptySet, isEmptySet, leaf, type FieldSet } from './field-set.ts';
import { hasRepeated, itemPart, itemsByPart, sameItem } from './list-items.ts';
import { itself, makingSet, noParts, type SharedSet } from './shared-set.ts';

/** What differs between an object before and after a write. */
export interface Comparison {
  /** Fields that are new or have another value. */
  readonly taken: FieldSet;
  /** Fields that are there no more. */
  readonly removed: FieldSet;
}

/** Of longer lists and maps so much is done between two turns. */
const fewNodes = 1000;

/**
 * Compares two objects field by field. Fields in `ignored`, and all below them, are not looked at. What is the same costs
 * a walk and nothing else.
 */
export function compare(before: unknown, after: unknown, structure: Structure, ignored: FieldSet): Comparison {
  return wholeOf(comparing(before, after, structure, ignored));
}

/** The same in turns, for what is large. */
export function* comparing(
  before: unknown,
  after: unknown,
  structure: Structure,
  ignored: FieldSet,
): Steps<Comparison> {
  const walk = new Walk();
  const steps = walk.nodes(before, after, structure, isEmptySet(ignored) ? undefined : ignored);
  if (steps !== undefined) yield* steps;
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
  if (names.length > manyParts) return wholeOf(manyEntryFields(value, names, element));
  let fields = itself();
  for (const name of names) fields = fields.with(`f:${name}`, fieldsOf(value[name], element));
  return fields.set;
}

function* manyEntryFields(value: JsonObject, names: readonly string[], element: Structure): Steps<FieldSet> {
  const nodes = new Map<string, FieldSet>();
  for (const name of names) {
    nodes.set(`f:${name}`, fieldsOf(value[name], element));
    if (nodes.size % fewNodes === 0) yield;
  }
  return yield* makingSet(nodes, true);
}

/** `isField`: the list is a field itself. */
function itemFields(items: readonly unknown[], list: ListStructure, isField: boolean): FieldSet {
  if (items.length > manyParts) return wholeOf(longListFields(items, list, isField));
  const parts: string[] = [];
  let fields: SharedSet | undefined;
  for (const item of items) {
    const part = itemPart(item, list);
    if (part === undefined) continue;
    // Items that share a part are one field.
    if (parts.includes(part)) return wholeOf(longListFields(items, list, isField));
    parts.push(part);
    fields = (fields ?? (isField ? itself() : noParts())).with(part, fieldsOf(item, list.element));
  }
  return fields?.set ?? leaf;
}

function* longListFields(items: readonly unknown[], list: ListStructure, isField: boolean): Steps<FieldSet> {
  const nodes = new Map<string, FieldSet>();
  for (let at = 0; at < items.length; at++) {
    if ((at + 1) % fewNodes === 0) yield;
    const item = items[at];
    const part = itemPart(item, list);
    if (part !== undefined) nodes.set(part, nodes.has(part) ? leaf : fieldsOf(item, list.element));
  }
  return yield* makingSet(nodes, isField);
}

/** Whether Kubernetes treats the value as one field, because there is nothing in it. */
function isNothing(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

/** The answer for two values is left in `taken` and `removed`, so that equal parts allocate nothing. */
class Walk {
  taken: FieldSet | undefined;
  removed: FieldSet | undefined;

  get hasFound(): boolean {
    return this.taken !== undefined || this.removed !== undefined;
  }

  /** Compares two values: at once, or by the steps that it answers. */
  nodes(before: unknown, after: unknown, given: Structure, ignored: FieldSet | undefined): Steps<void> | undefined {
    this.taken = undefined;
    this.removed = undefined;
    if (before === after) return undefined;
    const type = resolved(given, before, after);
    if (before === undefined) {
      if (type.kind === 'map' && !type.atomic && !isNothing(after)) return this.#newEntries(after as JsonObject, type);
      this.taken = fieldsOf(after, type);
      return undefined;
    }
    if (after === undefined) {
      this.removed = fieldsOf(before, type);
      return undefined;
    }
    if (isWhole(type) || (isNothing(before) && isNothing(after))) {
      if (!jsonEqual(before, after)) this.taken = leaf;
      return undefined;
    }
    if (type.kind === 'object')
      return this.#members(before as JsonObject | null, after as JsonObject | null, type, ignored);
    if (type.kind === 'map')
      return this.#entries(before as JsonObject | null, after as JsonObject | null, type.element);
    if (type.kind !== 'list') return undefined;
    // A list that was there without items, as in what is created, is no field; what comes into it is.
    if (isNothing(before)) return this.#newItems(after as unknown[], type);
    return this.#items(before as unknown[], (after as unknown[] | null) ?? [], type);
  }

  #newEntries(after: JsonObject, { element }: MapStructure): Steps<void> | undefined {
    const names = Object.keys(after);
    if (names.length > manyParts) return this.#manyNew(manyEntryFields(after, names, element));
    this.taken = entryFields(after, element);
    return undefined;
  }

  #newItems(after: readonly unknown[], list: ListStructure): Steps<void> | undefined {
    if (after.length > manyParts) return this.#manyNew(longListFields(after, list, false));
    this.taken = unlessEmpty(itemFields(after, list, false));
    return undefined;
  }

  *#manyNew(fields: Steps<FieldSet>): Steps<void> {
    this.taken = unlessEmpty(yield* fields);
  }

  #members(
    before: JsonObject | null,
    after: JsonObject | null,
    structure: ObjectStructure,
    ignored: FieldSet | undefined,
  ): Steps<void> | undefined {
    const found = new Found(this);
    for (const name in after) {
      const member = memberNamed(structure, name);
      if (member === undefined) continue;
      const below = ignored?.[member.part];
      if (below !== undefined && isEmptySet(below)) continue;
      const steps = this.nodes(before?.[name], after[name], member.type, below);
      if (steps !== undefined || this.hasFound) found.take(member.part, steps);
    }
    for (const name in before) {
      if (after?.[name] !== undefined || before[name] === undefined) continue;
      const member = memberNamed(structure, name);
      if (member === undefined) continue;
      const below = ignored?.[member.part];
      if (below !== undefined && isEmptySet(below)) continue;
      found.remove(member.part, fieldsOf(before[name], member.type));
    }
    return found.end();
  }

  *#entries(before: JsonObject | null, after: JsonObject | null, element: Structure): Steps<void> {
    let taken: Nodes | undefined;
    let removed: Nodes | undefined;
    let done = 0;
    for (const name of namesOf(after)) {
      if (++done % fewNodes === 0) yield;
      const given = ownOf(before, name);
      const now = after![name];
      if (given === now) continue;
      const steps = this.nodes(given, now, element, undefined);
      if (steps !== undefined) yield* steps;
      if (this.taken !== undefined) taken = put(taken, `f:${name}`, this.taken);
      if (this.removed !== undefined) removed = put(removed, `f:${name}`, this.removed);
    }
    for (const name of namesOf(before))
      if (ownOf(after, name) === undefined) removed = put(removed, `f:${name}`, fieldsOf(before![name], element));
    this.taken = taken && (yield* makingSet(taken, false));
    this.removed = removed && (yield* makingSet(removed, false));
  }

  #items(before: readonly unknown[], after: readonly unknown[], list: ListStructure): Steps<void> | undefined {
    if (!inSameOrder(before, after, list)) return this.#shuffled(before, after, list);
    return after.length > manyParts ? this.#pairs(before, after, list) : this.#fewPairs(before, after, list);
  }

  #fewPairs(before: readonly unknown[], after: readonly unknown[], list: ListStructure): Steps<void> | undefined {
    const found = new Found(this);
    for (let i = 0; i < after.length; i++) {
      const steps = this.nodes(before[i], after[i], list.element, undefined);
      if (steps !== undefined || this.hasFound) found.take(itemPart(after[i], list)!, steps);
    }
    return found.end();
  }

  *#pairs(before: readonly unknown[], after: readonly unknown[], list: ListStructure): Steps<void> {
    let taken: Nodes | undefined;
    let removed: Nodes | undefined;
    for (let i = 0; i < after.length; i++) {
      if ((i + 1) % fewNodes === 0) yield;
      const steps = this.nodes(before[i], after[i], list.element, undefined);
      if (steps !== undefined) yield* steps;
      if (this.taken === undefined && this.removed === undefined) continue;
      const part = itemPart(after[i], list)!;
      if (this.taken !== undefined) taken = put(taken, part, this.taken);
      if (this.removed !== undefined) removed = put(removed, part, this.removed);
    }
    this.taken = taken && (yield* makingSet(taken, false));
    this.removed = removed && (yield* makingSet(removed, false));
  }

  /** Items that share a part with another one of their list are compared together, as one field. */
  *#shuffled(before: readonly unknown[], after: readonly unknown[], list: ListStructure): Steps<void> {
    const old = itemsByPart(before, list).parts;
    const now = itemsByPart(after, list).parts;
    let taken: Nodes | undefined;
    let removed: Nodes | undefined;
    let done = 0;
    for (const [part, items] of now) {
      if (++done % fewNodes === 0) yield;
      const same = old.get(part);
      if (items.length > 1 || (same !== undefined && same.length > 1)) {
        if (!jsonEqual(same, items)) taken = put(taken, part, leaf);
        continue;
      }
      const steps = this.nodes(same?.[0], items[0], list.element, undefined);
      if (steps !== undefined) yield* steps;
      if (this.taken !== undefined) taken = put(taken, part, this.taken);
      if (this.removed !== undefined) removed = put(removed, part, this.removed);
    }
    for (const [part, items] of old) {
      if (now.has(part)) continue;
      const fields = items.length > 1 ? leaf : fieldsOf(items[0], list.element);
      removed = put(removed, part, fields);
    }
    this.taken = taken && (yield* makingSet(taken, false));
    this.removed = removed && (yield* makingSet(removed, false));
  }
}

interface Later {
  readonly part: string;
  readonly steps: Steps<void>;
}

/** What a walk has found of the parts of one value. Parts that take steps come last, and only these need a generator. */
class Found {
  readonly #walk: Walk;
  #taken: SharedSet | undefined;
  #removed: SharedSet | undefined;
  #later: Later[] | undefined;

  constructor(walk: Walk) {
    this.#walk = walk;
  }

  /** Takes what the walk has just found of a part, or will have found after some steps. */
  take(part: string, steps: Steps<void> | undefined): void {
    if (steps !== undefined) {
      (this.#later ??= []).push({ part, steps });
      return;
    }
    const { taken, removed } = this.#walk;
    if (taken !== undefined) this.#taken = (this.#taken ?? noParts()).with(part, taken);
    if (removed !== undefined) this.remove(part, removed);
  }

  remove(part: string, fields: FieldSet): void {
    this.#removed = (this.#removed ?? noParts()).with(part, fields);
  }

  /** Leaves all of it in the walk. */
  end(): Steps<void> | undefined {
    if (this.#later !== undefined) return this.#goingOn(this.#later);
    this.#walk.taken = this.#taken?.set;
    this.#walk.removed = this.#removed?.set;
    return undefined;
  }

  *#goingOn(later: readonly Later[]): Steps<void> {
    this.#later = undefined;
    for (const { part, steps } of later) {
      yield* steps;
      this.take(part, undefined);
    }
    this.end();
  }
}

type Nodes = Map<string, FieldSet>;

/** Made with the first one, so that equal parts allocate nothing. */
function put(nodes: Nodes | undefined, part: string, node: FieldSet): Nodes {
  return (nodes ?? new Map<string, FieldSet>()).set(part, node);
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

/**
 * For generators, instead of `for in`: what they read by the name of such a loop tells V8's compilers nothing, and they
 * make the function again and again.
 */
function namesOf(object: JsonObject | null): readonly string[] {
  return object === null ? [] : Object.keys(object);
}

function ownOf(object: JsonObject | null, name: string): unknown {
  return object !== null && Object.hasOwn(object, name) ? object[name] : undefined;
}
