import { isObject, memberOf, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import {
  additionalSchema,
  isEmbedded,
  itemSchema,
  keepsUnknown,
  metaFields,
  propertySchema,
  type JsonSchema,
} from './json-schema.ts';
import { child, index } from './paths.ts';

export interface Pruning {
  /** Whether the value is an object of the API as a whole: what it says of itself stays. */
  readonly isRoot: boolean;
  /** Frozen parts have been pruned before. */
  readonly keepFrozen?: boolean;
}

/** Takes out of a value, in place, what its schema does not know. Answers the paths of that, sorted. */
export function prune(
  value: unknown,
  schema: JsonSchema | undefined,
  { isRoot, keepFrozen = false }: Pruning,
): string[] {
  const pruner = new Pruner(keepFrozen);
  if (isRoot) pruner.root(value, schema);
  else pruner.value(value, schema, '');
  return pruner.unknown.sort();
}

class Pruner {
  readonly unknown: string[] = [];
  readonly #keepFrozen: boolean;

  constructor(keepFrozen: boolean) {
    this.#keepFrozen = keepFrozen;
  }

  root(value: unknown, schema: JsonSchema | undefined): void {
    if (!isObject(value)) return;
    if (schema !== undefined && keepsUnknown(schema)) this.#members(value, schema, '', true);
    else this.#prunedMembers(value, schema, '', true);
  }

  value(value: unknown, schema: JsonSchema | undefined, path: string): void {
    if (typeof value !== 'object' || value === null) return;
    if (this.#keepFrozen && Object.isFrozen(value)) return;
    if (schema !== undefined && keepsUnknown(schema)) this.#kept(value, schema, path);
    else if (Array.isArray(value)) {
      const each = schema && itemSchema(schema);
      for (let at = 0; at < value.length; at++) this.value(value[at], each, index(path, at));
    } else if (isObject(value)) this.#prunedMembers(value, schema, path, schema !== undefined && isEmbedded(schema));
  }

  #prunedMembers(value: JsonObject, schema: JsonSchema | undefined, path: string, isResource: boolean): void {
    for (const name in value) {
      if (isResource && metaFields.has(name)) continue;
      const own = schema && propertySchema(schema, name);
      const at = child(path, name);
      if (own !== undefined) this.value(memberOf(value, name), own, at);
      else if (schema?.additionalProperties !== undefined)
        this.value(memberOf(value, name), additionalSchema(schema), at);
      else {
        this.unknown.push(at);
        delete value[name];
      }
    }
  }

  /** What is not known stays here; what is known is looked into. */
  #kept(value: object, schema: JsonSchema, path: string): void {
    if (Array.isArray(value)) {
      const each = itemSchema(schema);
      if (each !== undefined)
        for (let at = 0; at < value.length; at++) {
          const item: unknown = value[at];
          if (typeof item === 'object' && item !== null) this.#kept(item, each, index(path, at));
        }
    } else if (isObject(value)) this.#members(value, schema, path, isEmbedded(schema));
  }

  #members(value: JsonObject, schema: JsonSchema, path: string, isResource: boolean): void {
    for (const name in value) {
      if (isResource && metaFields.has(name)) continue;
      const own = propertySchema(schema, name);
      const at = child(path, name);
      if (own !== undefined) this.value(memberOf(value, name), own, at);
      else if (schema.additionalProperties !== undefined)
        this.value(memberOf(value, name), additionalSchema(schema), at);
    }
  }
}
