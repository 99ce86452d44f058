import { isObject, memberOf, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { additionalSchema, itemSchema, propertySchema, type JsonSchema } from './json-schema.ts';

/** A part of an object that stood at the same place before the write, and the structural schema of both. */
export interface Correlation {
  readonly old: unknown;
  readonly schema: JsonSchema;
}

export const nothing: Readonly<Record<string, never>> = Object.freeze({});

/** Where parts of a value stood before; `undefined`: nobody can say. */
export const correlated = {
  member(parent: Correlation | undefined, value: JsonObject, name: string): Correlation | undefined {
    if (parent === undefined || !isObject(parent.old)) return undefined;
    if (!Object.hasOwn(parent.old, name) || !Object.hasOwn(value, name)) return undefined;
    const schema = propertySchema(parent.schema, name) ?? additionalSchema(parent.schema);
    return schema === undefined ? undefined : { old: memberOf(parent.old, name), schema };
  },

  /** Only items of a list that is a map can be told apart. */
  item(parent: Correlation | undefined, items: readonly unknown[], at: number): Correlation | undefined {
    if (parent === undefined || !Array.isArray(parent.old)) return undefined;
    const { schema } = parent;
    const each = itemSchema(schema);
    if (schema['x-kubernetes-list-type'] !== 'map' || each === undefined) return undefined;
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    const old = indexOf(parent.old, keys).get(keyOf(items[at], keys));
    return old === undefined ? undefined : { old, schema: each };
  },
};

const indices = new WeakMap<readonly unknown[], ReadonlyMap<string, unknown>>();

function indexOf(items: readonly unknown[], keys: readonly string[]): ReadonlyMap<string, unknown> {
  const known = indices.get(items);
  if (known !== undefined) return known;
  const made = new Map<string, unknown>();
  for (const item of items) {
    const text = keyOf(item, keys);
    if (!made.has(text)) made.set(text, item);
  }
  indices.set(items, made);
  return made;
}

function keyOf(item: unknown, keys: readonly string[]): string {
  return JSON.stringify(keys.map((name) => (isObject(item) ? (memberOf(item, name) ?? null) : null)));
}
