import { cloneJson } from '../clone.ts';
import { jsonEqual } from '../equality.ts';
import { goValue } from '../go-text.ts';
import type { Field, Schema } from '../schema.ts';
import { refused, type StatusError } from '../status.ts';
import { identityOf } from './identity.ts';
import { isObject, jsonTypeName, memberOf, setMember, type JsonObject } from './json-value.ts';
import { orderedBy } from './list-order.ts';

/**
 * Strategic merge patch: Kubernetes' own merge, which knows from the schema which lists are merged by a key of their
 * items. Directives in the patch say what merging cannot: `$patch: replace|delete`, `$retainKeys`,
 * `$deleteFromPrimitiveList/<list>` and `$setElementOrder/<list>`.
 */
const patchDirective = '$patch';
const retainKeysDirective = '$retainKeys';
const deletePrefix = '$deleteFromPrimitiveList/';
const orderPrefix = '$setElementOrder/';

export interface StrategicMergeTarget {
  readonly schema: Schema;
  /** The definition of what is patched. */
  readonly definition: string;
}

/**
 * Applies a strategic merge patch; it cannot change the kind. Changes neither argument; the result may share unchanged
 * parts with `original`, and nothing with `patch`. Throws StatusError: BadRequest for a patch of the wrong form, a
 * plain 500 for directives that cannot be followed, as Kubernetes does.
 */
export function applyStrategicMergePatch(original: unknown, patch: unknown, target: StrategicMergeTarget): unknown {
  if (!isObject(patch))
    throw refused.badRequest(
      `json: cannot unmarshal ${jsonTypeName(patch)} into Go value of type map[string]interface {}`,
    );
  const before = isObject(original) ? original : {};
  const merged = mergedObject(before, patch, { ref: target.definition }, target.schema);
  for (const name of ['kind', 'apiVersion']) if (Object.hasOwn(before, name)) merged[name] = before[name];
  return merged;
}

function mergedObject(original: JsonObject, patch: JsonObject, type: Field | undefined, schema: Schema): JsonObject {
  const directive = memberOf(patch, patchDirective);
  if (directive !== undefined) return directed(directive, patch);

  const result = retained(original, patch);
  for (const name of Object.keys(patch)) {
    if (name === retainKeysDirective) continue;
    if (name.startsWith(orderPrefix)) continue;
    const value = patch[name];
    if (name.startsWith(deletePrefix)) deleteFromList(result, name.slice(deletePrefix.length), value);
    else mergeMember(result, name, value, fieldOf(type, name, schema), schema);
  }
  for (const name of Object.keys(patch))
    if (name.startsWith(orderPrefix))
      orderList(result, original, patch, name.slice(orderPrefix.length), patch[name], type, schema);
  return result;
}

function directed(directive: unknown, patch: JsonObject): JsonObject {
  if (directive === 'replace') {
    const { [patchDirective]: _, ...rest } = patch;
    return cleaned(rest) as JsonObject;
  }
  if (directive === 'delete') return {};
  throw unknownDirective(directive, patch);
}

/** A copy of the original, cut down to what `$retainKeys` names. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = memberOf(patch, retainKeysDirective);
  if (keys === undefined) return { ...original };
  if (!Array.isArray(keys)) throw refused.badRequest('invalid patch format of retainKeys');
  const kept = new Set<unknown>(keys);
  for (const [name, value] of Object.entries(patch)) {
    const isDirective = name === retainKeysDirective || name.startsWith(deletePrefix) || name.startsWith(orderPrefix);
    if (!isDirective && value !== null && !kept.has(name))
      throw refused.badRequest('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(original).filter(([name]) => kept.has(name)));
}

function mergeMember(result: JsonObject, name: string, value: unknown, field: Field | undefined, schema: Schema): void {
  if (value === null) {
    delete result[name];
    return;
  }
  const existing = memberOf(result, name);
  const strategies = field?.patchStrategy?.split(',') ?? [];
  if (isObject(existing) && isObject(value)) {
    const merged = strategies.includes('replace') ? cleaned(value) : mergedObject(existing, value, field, schema);
    setMember(result, name, merged);
  } else if (Array.isArray(existing) && Array.isArray(value)) {
    setMember(
      result,
      name,
      strategies.includes('merge') ? mergedList(existing, value, field!, schema) : cloneJson(value),
    );
  } else {
    const taken = cleaned(value);
    if (taken === undefined) delete result[name];
    else setMember(result, name, taken);
  }
}

/** Without null members and directives; `undefined` for an object that is itself a directive. The result is a copy. */
function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, patchDirective)) return undefined;
  const result: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === null || isDirectiveName(name)) continue;
    const kept = cleaned(member);
    if (kept !== undefined) setMember(result, name, kept);
  }
  return result;
}

function isDirectiveName(name: string): boolean {
  return name === retainKeysDirective || name.startsWith(deletePrefix) || name.startsWith(orderPrefix);
}

function deleteFromList(result: JsonObject, name: string, value: unknown): void {
  if (!Array.isArray(value)) throw refused.badRequest('invalid patch format of primitive list');
  const existing = memberOf(result, name);
  const gone = new Set<unknown>(value);
  if (Array.isArray(existing)) result[name] = existing.filter((item) => !gone.has(item));
}

function mergedList(original: readonly unknown[], patch: readonly unknown[], field: Field, schema: Schema): unknown[] {
  const isOfObjects = [...original, ...patch].some(isObject);
  if ([...original, ...patch].some((item) => isObject(item) !== isOfObjects || Array.isArray(item)))
    throw unprocessable();
  if (!isOfObjects) return orderedBy([...new Set([...original, ...patch])], patch, original, undefined);
  const key = field.mergeKey;
  if (key === undefined) throw failed('cannot merge lists without merge key');
  return mergedByKey(original as JsonObject[], patch as JsonObject[], key, field, schema);
}

function mergedByKey(
  original: readonly JsonObject[],
  patch: readonly JsonObject[],
  key: string,
  field: Field,
  schema: Schema,
): JsonObject[] {
  const additions: JsonObject[] = [];
  const deleted = new Set<string>();
  let isReplaced = false;
  for (const item of patch) {
    const directive = memberOf(item, patchDirective);
    if (directive === undefined) {
      additions.push(item);
    } else if (directive === 'delete') {
      deleted.add(identityOf(keyOf(item, key)));
    } else if (directive === 'replace') {
      isReplaced = true;
    } else if (directive === 'merge') {
      throw failed('merging lists cannot yet be specified in the patch');
    } else {
      throw unknownDirective(directive, item);
    }
  }
  if (isReplaced) return additions.map((item) => cleaned(item) as JsonObject);
  const items = original.filter((item) => !deleted.has(identityOf(memberOf(item, key))));
  const places = new Map<string, number>();
  const place = (item: JsonObject, at: number) => {
    const identity = identityOf(memberOf(item, key));
    if (!places.has(identity)) places.set(identity, at);
  };
  items.forEach(place);
  for (const item of additions) {
    const at = places.get(identityOf(keyOf(item, key)));
    if (at !== undefined) {
      items[at] = mergedObject(items[at]!, item, field.array, schema);
    } else {
      const added = cleaned(item) as JsonObject;
      items.push(added);
      place(added, items.length - 1);
    }
  }
  return orderedBy(items, additions, original, key) as JsonObject[];
}

function keyOf(item: JsonObject, key: string): unknown {
  if (!Object.hasOwn(item, key)) throw failed(`map: ${goValue(item)} does not contain declared merge key: ${key}`);
  return item[key];
}

/** Puts a list, merged already, into the order that `$setElementOrder` tells. */
function orderList(
  result: JsonObject,
  original: JsonObject,
  patch: JsonObject,
  name: string,
  order: unknown,
  type: Field | undefined,
  schema: Schema,
): void {
  if (!Array.isArray(order)) throw failed(`expected a []interface {}, but received a ${jsonTypeName(order)}`);
  const field = fieldOf(type, name, schema);
  const before = memberOf(original, name);
  const wanted = memberOf(patch, name);
  if (Array.isArray(wanted)) checkOrder(wanted, order, field?.mergeKey);
  else if (wanted !== undefined && wanted !== null)
    throw refused.badRequest('invalid patch format of setElementOrder list');
  const merged = memberOf(result, name);
  if (Array.isArray(merged))
    result[name] = orderedBy(merged, order, Array.isArray(before) ? before : [], field?.mergeKey);
}

/** Every item of the patch must be named in the order, in the same sequence. */
function checkOrder(items: readonly unknown[], order: readonly unknown[], key: string | undefined): void {
  const kept = items.filter((item) => !isObject(item) || !Object.hasOwn(item, patchDirective));
  if (order.length === 0 || kept.length === 0) return;
  let found = 0;
  for (const place of order) {
    const item = kept[found];
    const isSame =
      key !== undefined && isObject(item) && isObject(place)
        ? jsonEqual(keyOf(item, key), keyOf(place, key))
        : jsonEqual(item, place);
    if (found < kept.length && isSame) found++;
  }
  if (found < kept.length)
    throw failed(
      `The order in patch list:\n${goValue(items)}\n doesn't match $setElementOrder list:\n${goValue(order)}\n`,
    );
}

/** What the schema says about a member; `undefined` where it says nothing. */
function fieldOf(type: Field | undefined, name: string, schema: Schema): Field | undefined {
  if (type === undefined) return undefined;
  if (type.map !== undefined) return type.map;
  const fields = type.ref === undefined ? undefined : schema[type.ref]?.fields;
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function unknownDirective(directive: unknown, where: JsonObject): StatusError {
  return failed(`unknown patch type: ${goValue(directive)} in map: ${goValue(where)}`);
}

/** Kubernetes keeps to itself that lists of lists are not merged. */
function unprocessable(): StatusError {
  return refused.other(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

function failed(message: string): StatusError {
  return refused.other(500, undefined, message);
}
