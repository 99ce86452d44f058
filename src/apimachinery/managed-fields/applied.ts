import { isObject, jsonTypeName, type JsonObject } from '../patch/json-value.ts';
import { RawNumber } from '../raw-number.ts';
import { memberNamed, resolved, type ListStructure, type ObjectStructure, type Structure } from '../structure.ts';
import { manyParts, sortedParts } from './field-order.ts';
import { isField, leaf, partText, shared, withSelf, type FieldSet, type FieldSetDraft } from './field-set.ts';
import { itemPart, keyOf } from './list-items.ts';

/**
 * The fields that an applied configuration lays claim to: every value in it, items of lists with their keys, and empty
 * objects; not the objects and lists that merely lead there. Fields in `ignored`, and all below them, are left out.
 */
export function appliedFields(value: unknown, given: Structure, ignored?: FieldSet): FieldSet {
  const structure = resolved(given, value);
  switch (structure.kind) {
    case 'object':
      return structure.atomic ? leaf : memberFields(value as JsonObject, structure, ignored);
    case 'map':
      return structure.atomic ? leaf : entryFields(value as JsonObject, structure.element);
    case 'list':
      return structure.listType === 'atomic' ? leaf : itemFields(value as unknown[], structure);
    default:
      return leaf;
  }
}

function memberFields(value: JsonObject, structure: ObjectStructure, ignored: FieldSet | undefined): FieldSet {
  const fields: FieldSetDraft = {};
  for (const name in value) {
    const member = memberNamed(structure, name);
    const given = value[name];
    if (member === undefined || given === undefined) continue;
    const below = ignored?.[member.part];
    if (below !== undefined && isField(below)) continue;
    if (isOneField(given, member.type)) {
      // An object of which some members are nobody's, such as metadata, is nobody's itself.
      if (below === undefined) fields[member.part] = leaf;
      continue;
    }
    const claimed = appliedFields(given, member.type, below);
    if (structure.members.get(name) === undefined) fields[member.part] = withSelf(claimed);
    else if (hasAny(claimed)) fields[member.part] = claimed;
  }
  return fields;
}

function entryFields(value: JsonObject, element: Structure): FieldSet {
  const fields: FieldSetDraft = {};
  const names = Object.keys(value);
  if (names.length > manyParts) names.sort();
  for (const name of names) {
    const given = value[name];
    fields[`f:${name}`] = isOneField(given, element) ? leaf : withSelf(appliedFields(given, element));
  }
  return fields;
}

function itemFields(items: readonly unknown[], list: ListStructure): FieldSet {
  const fields: FieldSetDraft = {};
  const parts = items.map((item) => itemPart(item, list));
  // Made in order, and filled then.
  if (parts.length > manyParts)
    for (const part of sortedParts(parts.filter((one) => one !== undefined))) fields[part] = leaf;
  let last = leaf;
  for (const [at, part] of parts.entries()) {
    if (part === undefined) continue;
    const item = items[at];
    last = isOneField(item, list.element) ? leaf : shared(last, withSelf(appliedFields(item, list.element)));
    fields[part] = last;
  }
  return fields;
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
      else for (const name in value) check(value[name], type.element, () => `${path()}.${name}`, errors);
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
    if (member === undefined) errors.push(`${path()}.${name}: field not declared in schema`);
    else check(value[name], member.type, () => `${path()}.${name}`, errors);
  }
}

function checkItems(items: readonly unknown[], list: ListStructure, path: Path, errors: string[]): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (list.listType === 'atomic') {
      check(item, list.element, () => `${path()}[${index}]`, errors);
      continue;
    }
    const part = itemPart(item, list);
    if (part === undefined) {
      errors.push(omittedKeys(path(), index, item, list));
      continue;
    }
    if (seen.has(part)) errors.push(`${path()}: duplicate entries for key ${partText(part)}`);
    seen.add(part);
    check(item, list.element, () => path() + partText(part), errors);
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
