import { compareParts } from './field-order.ts';
import { extendedPath, goQuote } from '../go-text.ts';

/**
 * A set of fields in the form in which `fieldsV1` holds it, so that nothing need be converted when a write leaves a
 * manager's fields as they are: `{"f:spec":{"f:replicas":{}}}`. A node without members is a field; a node with members is
 * one itself only if it has `"."` too. Parts are `f:` a member by name, `k:` an item by its keys, `v:` an item by its
 * value, `i:` an item by its position. Sets are never changed, and may share parts. The empty set is `{}`.
 */
export interface FieldSet {
  readonly [part: string]: FieldSet;
}

/** A set that is being made. */
export type FieldSetDraft = Record<string, FieldSet>;

/** Marks a node that has parts as a field itself. */
export const self = '.';
/** A field without parts of its own. */
export const leaf: FieldSet = Object.freeze({});
export const emptySet: FieldSet = leaf;

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the node itself is a field, not only something below it. */
export function isField(node: FieldSet): boolean {
  return node[self] !== undefined || isEmptySet(node);
}

/** Whether the node has parts besides itself. */
export function hasParts(node: FieldSet): boolean {
  for (const part in node) if (part !== self) return true;
  return false;
}

/** Marks a node that has parts as a field too. */
function withSelf(parts: FieldSet): FieldSet {
  return isEmptySet(parts) ? leaf : { [self]: leaf, ...parts };
}

/** Fields of either set. Answers `a` itself when `b` adds nothing. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  return isEmptySet(a) ? b : unionOfParts(a, b);
}

/** Fields of any of the sets, joined in pairs: one after the other, each would copy all before it. */
export function unionOf(sets: readonly FieldSet[]): FieldSet {
  if (sets.length <= 1) return sets[0] ?? emptySet;
  const half = sets.length >> 1;
  return union(unionOf(sets.slice(0, half)), unionOf(sets.slice(half)));
}

function unionOfParts(a: FieldSet, b: FieldSet): FieldSet {
  let result: FieldSetDraft | undefined;
  for (const part in b) {
    const mine = a[part];
    const other = b[part]!;
    const joined = mine === undefined ? other : part === self ? mine : unionOfNodes(mine, other);
    if (joined !== mine) (result ??= { ...a })[part] = joined;
  }
  return result ?? a;
}

function unionOfNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a[self] !== undefined || isEmptySet(a) ? a : withSelf(a);
  if (isEmptySet(a)) return b[self] === undefined ? withSelf(b) : b;
  return unionOfParts(a, b);
}

/**
 * Fields of `a` that are not in `b`; what is below a field of `b` stays. Answers `a` itself when nothing goes. Costs a walk
 * over `b`, or with `walk` 'a' over `a`, for those who take one set from very many.
 */
export function difference(a: FieldSet, b: FieldSet, walk?: 'a'): FieldSet {
  let result: FieldSetDraft | undefined;
  for (const part in walk === 'a' ? a : b) {
    if (part === self) continue;
    const mine = a[part];
    const other = b[part];
    if (mine === undefined || other === undefined) continue;
    const left = differenceOfNodes(mine, other, walk);
    if (left === mine) continue;
    result ??= { ...a };
    if (left === undefined) delete result[part];
    else result[part] = left;
  }
  return result ?? a;
}

/** `undefined` when nothing is left of `a`. */
function differenceOfNodes(a: FieldSet, b: FieldSet, walk: 'a' | undefined): FieldSet | undefined {
  const loses = isField(b) && isField(a);
  if (isEmptySet(a)) return loses ? undefined : a;
  const parts = difference(a, b, walk);
  if (!loses) return settled(parts, a);
  const { [self]: _self, ...rest } = parts;
  return isEmptySet(rest) ? undefined : rest;
}

/** A node that has lost all its parts is a field only if it was one before. */
function settled(parts: FieldSet, before: FieldSet): FieldSet | undefined {
  if (parts === before) return before;
  if (hasParts(parts)) return parts;
  return parts[self] === undefined ? undefined : leaf;
}

/** Fields that are in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSetDraft = {};
  for (const part in a) {
    const other = part === self ? undefined : b[part];
    if (other === undefined) continue;
    const mine = a[part]!;
    const below = intersection(mine, other);
    if (isField(mine) && isField(other)) result[part] = withSelf(below);
    else if (!isEmptySet(below)) result[part] = below;
  }
  return result;
}

/** The fields as texts such as `.spec.ports[port=80,protocol="TCP"].name`, those of one level before what is below them. */
export function fieldPaths(set: FieldSet): string[] {
  const paths: string[] = [];
  addPaths(set, '', paths);
  return paths;
}

function addPaths(set: FieldSet, prefix: string, paths: string[]): void {
  const parts = Object.keys(set)
    .filter((part) => part !== self)
    .sort(compareParts);
  for (const part of parts) if (isField(set[part]!)) paths.push(extendedPath(prefix, partText(part)));
  for (const part of parts) addPaths(set[part]!, extendedPath(prefix, partText(part)), paths);
}

/** One part of a path: `.name`, `[port=80,protocol="TCP"]`, `[="value"]`, `[0]`. */
export function partText(part: string): string {
  const value = part.slice(2);
  switch (part[0]) {
    case 'f':
      return `.${value}`;
    case 'k': {
      const keys = Object.entries(JSON.parse(value) as Record<string, unknown>);
      return `[${keys.map(([name, key]) => `${name}=${scalarText(key)}`).join(',')}]`;
    }
    case 'v':
      return `[=${scalarText(JSON.parse(value))}]`;
    default:
      return `[${value}]`;
  }
}

function scalarText(value: unknown): string {
  return typeof value === 'string' ? goQuote(value) : JSON.stringify(value);
}

/** Whether a value that a client sent is a set of fields. */
export function isFieldSet(value: unknown): value is FieldSet {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([part, node]) => isPart(part) && isFieldSet(node));
}

function isPart(part: string): boolean {
  if (part === self) return true;
  if (part.startsWith('f:')) return true;
  if (part.startsWith('i:')) return /^i:\d+$/.test(part);
  if (!part.startsWith('k:') && !part.startsWith('v:')) return false;
  try {
    const value: unknown = JSON.parse(part.slice(2));
    if (part.startsWith('v:')) return isScalar(value);
    return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isScalar);
  } catch {
    return false;
  }
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** A set of the given dotted paths of members: `fieldSetOf('status', 'metadata.deletionTimestamp')`. */
export function fieldSetOf(...paths: readonly string[]): FieldSet {
  let set = emptySet;
  for (const path of paths) {
    const node = path.split('.').reduceRight<FieldSet>((below, name) => ({ [`f:${name}`]: below }), leaf);
    set = union(set, node);
  }
  return set;
}
