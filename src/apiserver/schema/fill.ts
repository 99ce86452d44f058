import { cloneJson } from '../../apimachinery/clone.ts';
import { isObject, setMember, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { additionalSchema, itemSchema, propertySchema, type JsonSchema } from './json-schema.ts';

/** Fills in the defaults of a schema, in place, wherever the object that they belong to is there. */
export function fillDefaults(value: unknown, schema: JsonSchema | undefined): void {
  if (schema === undefined || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) fillItems(value, itemSchema(schema));
  else if (isObject(value)) fillMembers(value, schema);
}

function fillMembers(value: JsonObject, schema: JsonSchema): void {
  const { properties = {} } = schema;
  for (const name in properties) {
    const own = properties[name]!;
    if (own.default === undefined || own.default === null) continue;
    if (!Object.hasOwn(value, name) || isUnwantedNull(value[name], own)) setMember(value, name, cloneJson(own.default));
  }
  const rest = additionalSchema(schema);
  for (const name in value) {
    const own = propertySchema(schema, name);
    if (own !== undefined) fillDefaults(value[name], own);
    else if (rest !== undefined) {
      if (isUnwantedNull(value[name], rest)) setMember(value, name, cloneJson(rest.default ?? null));
      fillDefaults(value[name], rest);
    }
  }
}

function fillItems(items: unknown[], each: JsonSchema | undefined): void {
  if (each === undefined) return;
  for (let at = 0; at < items.length; at++) {
    if (isUnwantedNull(items[at], each)) items[at] = cloneJson(each.default ?? null);
    fillDefaults(items[at], each);
  }
}

function isUnwantedNull(value: unknown, { nullable }: JsonSchema): boolean {
  return value === null && nullable !== true;
}

/** Takes out the members that are null, may not be, and will get no default. In place; frozen parts have none. */
export function dropNulls(value: unknown, schema: JsonSchema | undefined): void {
  if (typeof value !== 'object' || value === null || schema === undefined || Object.isFrozen(value)) return;
  if (Array.isArray(value)) {
    const each = itemSchema(schema);
    for (const item of value) dropNulls(item, each);
  } else if (isObject(value)) {
    const rest = additionalSchema(schema);
    for (const name in value) {
      const own = propertySchema(schema, name) ?? rest;
      if (own !== undefined && isUnwantedNull(value[name], own) && (own.default ?? null) === null) delete value[name];
      else dropNulls(value[name], own);
    }
  }
}
