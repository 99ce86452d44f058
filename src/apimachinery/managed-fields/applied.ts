import { wholeOf, type Steps } from '../../base/in-steps.ts';
import { extendedPath } from '../go-text.ts';
import { isObject, jsonTypeName, type JsonObject } from '../patch/json-value.ts';
import { RawNumber } from '../raw-number.ts';
import {
  memberNamed,
  resolved,
  type ListStructure,
  type MapStructure,
  type ObjectStructure,
  type Structure,
} from '../structure.ts';
import { manyParts } from './field-order.ts';
import { isField, leaf, partText, type FieldSet } from './field-set.ts';
import { itemPart, keyOf } from './list-items.ts';
import { itself, makingSet, noParts } from './shared-set.ts';

/** Of longer lists and maps so many are done between two turns. */
const fewNodes = 1000;

/**
 * The fields that an applied configuration lays claim to: every value in it, items of lists with their keys, and empty
 * objects; not the objects and lists that merely lead there. Fields in `ignored`, and all below them, are left out. In the
 * order in which Kubernetes writes them.
 */
export function appliedFields(value: unknown, given: Structure, ignored?: FieldSet): FieldSet {
  return fieldsIn(value, given, false, ignored);
}

/** The same in turns, for what is large. */
export function* claimingFields(value: unknown, given: Structure, ignored?: FieldSet): Steps<FieldSet> {
  const ahead = new Map<unknown, FieldSet>();
  for (const { of, type, isField } of largeIn(value, given)) ahead.set(of, yield* manyFields(of, type, isField));
  return fieldsIn(value, given, false, ignored, ahead);
}

/** A list or map whose fields take long. */
interface Large {
  readonly of: object;
  readonly type: ListStructure | MapStructure;
  readonly isField: boolean;
}

/** Those that are no part of another list or map. */
function largeIn(value: unknown, given: Structure, isField = false, found: Large[] = []): readonly Large[] {
  if (typeof value !== 'object' || value === null) return found;
  const type = resolved(given, value);
  if (type.kind === 'object' && !type.atomic) {
    for (const name in value) {
      const member = memberNamed(type, name);
      if (member !== undefined) largeIn((value as JsonObject)[name], member.type, !type.members.has(name), found);
    }
  } else if ((type.kind === 'list' || type.kind === 'map') && isLarge(value, type))
    found.push({ of: value, type, isField });
  return found;
}

function isLarge(value: object, type: ListStructure | MapStructure): boolean {
  if (type.kind === 'list') return type.listType !== 'atomic' && Array.isArray(value) && value.length > manyParts;
  if (type.atomic) return false;
  let count = 0;
  for (const _ in value) if (++count > manyParts) return true;
  return false;
}

/** `isField`: the value is claimed itself, too. `ahead`: what is known of lists and maps. */
function fieldsIn(
  value: unknown,
  given: Structure,
  isField: boolean,
  ignored?: FieldSet,
  ahead?: ReadonlyMap<unknown, FieldSet>,
): FieldSet {
  const structure = resolved(given, value);
  switch (structure.kind) {
    case 'object':
      return structure.atomic ? leaf : memberFields(value as JsonObject, structure, isField, ignored, ahead);
    case 'map':
      if (structure.atomic) return leaf;
      break;
    case 'list':
      if (structure.listType === 'atomic') return leaf;
      break;
    default:
      return leaf;
  }
  if (isLarge(value as object, structure))
    return ahead?.get(value) ?? wholeOf(manyFields(value as object, structure, isField));
  let fields = isField ? itself() : noParts();
  const begin = fields;
  if (structure.kind === 'map') {
    for (const name in value as JsonObject)
      fields = fields.with(`f:${name}`, claimed((value as JsonObject)[name], structure.element));
  } else {
    for (const item of value as unknown[]) {
      const part = itemPart(item, structure);
      if (part !== undefined) fields = fields.with(part, claimed(item, structure.element));
    }
  }
  return fields === begin ? leaf : fields.set;
}

function memberFields(
  value: JsonObject,
  structure: ObjectStructure,
  isOwned: boolean,
  ignored: FieldSet | undefined,
  ahead: ReadonlyMap<unknown, FieldSet> | undefined,
): FieldSet {
  const begin = isOwned ? itself() : noParts();
  let fields = begin;
  for (const name in value) {
    const member = memberNamed(structure, name);
    const given = value[name];
    if (member === undefined || given === undefined) continue;
    const below = ignored?.[member.part];
    if (below !== undefined && isField(below)) continue;
    if (isOneField(given, member.type)) {
      // An object of which some members are nobody's, such as metadata, is nobody's itself.
      if (below === undefined) fields = fields.with(member.part, leaf);
      continue;
    }
    const isKnown = structure.members.has(name);
    const fieldsBelow = fieldsIn(given, member.type, !isKnown, below, ahead);
    if (!isKnown || hasAny(fieldsBelow)) fields = fields.with(member.part, fieldsBelow);
  }
  return fields === begin ? leaf : fields.set;
}

/** Of many items or entries, each of which is claimed itself; of those that share a part the last one counts. */
function* manyFields(value: object, type: ListStructure | MapStructure, isField: boolean): Steps<FieldSet> {
  const nodes = new Map<string, FieldSet>();
  const all = type.kind === 'list' ? (value as readonly unknown[]) : Object.keys(value);
  for (let at = 0; at < all.length; at++) {
    if ((at + 1) % fewNodes === 0) yield;
    const item = type.kind === 'list' ? all[at] : (value as JsonObject)[all[at] as string];
    const part = type.kind === 'list' ? itemPart(item, type) : `f:${all[at] as string}`;
    if (part !== undefined) nodes.set(part, claimed(item, type.element));
  }
  return yield* makingSet(nodes, isField);
}

function claimed(value: unknown, type: Structure): FieldSet {
  return isOneField(value, type) ? leaf : fieldsIn(value, type, true);
}

function hasAny(fields: FieldSet): boolean {
  for (const _ in fields) return true;
  return false;
}

/** Values that are claimed as a whole: scalars, null, empty objects, and what is atomic. */
function isOneField(value: unknown, given: Structure): boolean {
  if (value === null) return true;
  const type = resolved(given, value);
  if (isObject(value))
    return type.kind === 'object' || type.kind === 'map' ? type.atomic || !hasAny(value as FieldSet) : true;
  if (Array.isArray(value)) return type.kind !== 'list' || type.listType === 'atomic';
  return true;
}

/**
 * What makes a value no configuration of its type, each with its path: `.spec.ports: duplicate entries for key
 * [port=80]`.
 */
export function appliedErrors(value: unknown, structure: Structure): string[] {
  const errors: string[] = [];
  check(value, structure, () => '', errors);
  return errors;
}

/** One error as it is, several in lines below a heading. */
export function joinedErrors(errors: readonly string[]): string {
  return errors.length === 1 ? errors[0]! : ['errors:', ...errors.map((error) => `  ${error}`)].join('\n');
}

/** Made into text only where something is wrong. */
type Path = () => string;

function check(value: unknown, given: Structure, path: Path, errors: string[]): void {
  if (value === null) return;
  const type = resolved(given, value);
  switch (type.kind) {
    case 'object':
      if (!isObject(value)) errors.push(`${path()}: expected map, got ${shown(value)}`);
      else checkMembers(value, type, path, errors);
      return;
    case 'map':
      if (!isObject(value)) errors.push(`${path()}: expected map, got ${shown(value)}`);
      else for (const name in value) check(value[name], type.element, () => extendedPath(path(), `.${name}`), errors);
      return;
    case 'list':
      if (!Array.isArray(value)) errors.push(`${path()}: expected list, got ${shown(value)}`);
      else checkItems(value, type, path, errors);
      return;
    case 'string':
    case 'bytes':
    case 'time':
    case 'micro-time':
      if (typeof value !== 'string') errors.push(`${path()}: expected string, got ${shown(value)}`);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') errors.push(`${path()}: expected boolean, got ${shown(value)}`);
      return;
    case 'int32':
    case 'int64':
    case 'number':
      if (typeof value !== 'number' && !(value instanceof RawNumber))
        errors.push(`${path()}: expected numeric (int or float), got ${goTypeName(value)}`);
      return;
    default:
  }
}

function checkMembers(value: JsonObject, structure: ObjectStructure, path: Path, errors: string[]): void {
  for (const name in value) {
    const member = memberNamed(structure, name);
    if (member === undefined) errors.push(`${extendedPath(path(), `.${name}`)}: field not declared in schema`);
    else check(value[name], member.type, () => extendedPath(path(), `.${name}`), errors);
  }
}

function checkItems(items: readonly unknown[], list: ListStructure, path: Path, errors: string[]): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (list.listType === 'atomic') {
      check(item, list.element, () => extendedPath(path(), `[${index}]`), errors);
      continue;
    }
    const part = itemPart(item, list);
    if (part === undefined) {
      errors.push(omittedKeys(path(), index, item, list));
      continue;
    }
    if (seen.has(part)) errors.push(`${path()}: duplicate entries for key ${partText(part)}`);
    seen.add(part);
    check(item, list.element, () => extendedPath(path(), partText(part)), errors);
  }
}

/** Keys with a default count as given, so that an item without any other is told to lack all of them. */
function omittedKeys(path: string, index: number, item: unknown, list: ListStructure): string {
  const lacking = list.keys.filter((one) => keyOf(item, one, list) === undefined);
  const start = `${path}: element ${index}: associative list with keys has an element that omits`;
  if (lacking.length === list.keys.length)
    return `${start} all key fields [${lacking.map((one) => JSON.stringify(one)).join(' ')}] (and doesn't have default values for any key fields)`;
  return `${start} key field ${JSON.stringify(lacking[0])} (and doesn't have default value)`;
}

function shown(value: unknown): string {
  return typeof value === 'object' && !(value instanceof RawNumber) ? jsonTypeName(value) : String(value);
}

function goTypeName(value: unknown): string {
  return typeof value === 'boolean' ? 'bool' : jsonTypeName(value);
}
