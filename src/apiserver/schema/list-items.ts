import { isObject, memberOf, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { duplicate, invalid, type FieldError } from '../../apimachinery/validation.ts';
import { additionalSchema, itemSchema, propertySchema, type JsonSchema } from './json-schema.ts';
import { child, index, key } from './paths.ts';

/** Items that stand twice in sets, and keys that stand twice in lists that are maps. */
export function repeatedItemErrors(value: JsonObject, schema: JsonSchema): FieldError[] {
  const errors: FieldError[] = [];
  checkObject(errors, value, schema, '');
  return errors;
}

function checkObject(errors: FieldError[], value: JsonObject, schema: JsonSchema, path: string): void {
  const rest = additionalSchema(schema);
  if (rest !== undefined) for (const name in value) checkValue(errors, value[name], rest, key(path, name));
  for (const name in value) {
    const own = propertySchema(schema, name);
    if (own !== undefined) checkValue(errors, value[name], own, child(path, name));
  }
}

function checkValue(errors: FieldError[], value: unknown, schema: JsonSchema, path: string): void {
  if (Array.isArray(value)) checkList(errors, value, schema, path);
  else if (isObject(value)) checkObject(errors, value, schema, path);
}

function checkList(errors: FieldError[], items: readonly unknown[], schema: JsonSchema, path: string): void {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === 'set') addRepeated(errors, items, path);
  else if (listType === 'map') checkKeys(errors, items, schema['x-kubernetes-list-map-keys'] ?? [], path);
  const each = itemSchema(schema);
  if (each !== undefined) for (const [at, item] of items.entries()) checkValue(errors, item, each, index(path, at));
}

/** The second of each value that stands there more than once. */
function addRepeated(errors: FieldError[], values: readonly unknown[], path: string): void {
  const times = new Map<unknown, number>();
  for (const [at, value] of values.entries()) {
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : JSON.stringify([value]);
    const seen = (times.get(text) ?? 0) + 1;
    times.set(text, seen);
    if (seen === 2) errors.push(duplicate(index(path, at), value));
  }
}

function checkKeys(errors: FieldError[], items: readonly unknown[], names: readonly string[], path: string): void {
  const odd = items.findIndex((item) => item !== null && !isObject(item));
  if (odd >= 0) {
    errors.push(invalid(index(path, odd), items[odd], 'must be an object for an array of list-type map'));
    return;
  }
  addRepeated(
    errors,
    items.map((item) => keysOf(item, names)),
    path,
  );
}

function keysOf(item: unknown, names: readonly string[]): JsonObject {
  const keys: JsonObject = {};
  if (isObject(item)) for (const name of names) if (Object.hasOwn(item, name)) keys[name] = memberOf(item, name);
  return keys;
}
