import { cloneJson } from '../../apimachinery/clone.ts';
import { isObject, setMember, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { additionalSchema, itemSchema, propertySchema, type JsonSchema } from './json-schema.ts';

/** How many values defaults may bring to one object: as much as a whole object may weigh that is sent. */
export const mostFilled = 60_000;

/**
 * Fills in the defaults of a schema, in place, wherever the object that they belong to is there. False where they would
 * bring more than {@link mostFilled} values, as defaults within defaults can; the value is half filled then.
 */
export function fillDefaults(value: unknown, schema: JsonSchema | undefined): boolean {
  const room = { left: mostFilled };
  fill(value, schema, room);
  return room.left >= 0;
}

interface Room {
  left: number;
}

function fill(value: unknown, schema: JsonSchema | undefined, room: Room): void {
  if (schema === undefined || typeof value !== 'object' || value === null || room.left < 0) return;
  if (Array.isArray(value)) fillItems(value, itemSchema(schema), room);
  else if (isObject(value)) fillMembers(value, schema, room);
}

function fillMembers(value: JsonObject, schema: JsonSchema, room: Room): void {
  const { properties = {} } = schema;
  for (const name in properties) {
    const own = properties[name]!;
    if (own.default === undefined || own.default === null) continue;
    if (!Object.hasOwn(value, name) || isUnwantedNull(value[name], own)) setMember(value, name, defaultOf(own, room));
  }
  const rest = additionalSchema(schema);
  for (const name in value) {
    const own = propertySchema(schema, name);
    if (own !== undefined) fill(value[name], own, room);
    else if (rest !== undefined) {
      if (isUnwantedNull(value[name], rest)) setMember(value, name, defaultOf(rest, room));
      fill(value[name], rest, room);
    }
  }
}

function fillItems(items: unknown[], each: JsonSchema | undefined, room: Room): void {
  if (each === undefined) return;
  for (let at = 0; at < items.length; at++) {
    if (isUnwantedNull(items[at], each)) items[at] = defaultOf(each, room);
    fill(items[at], each, room);
  }
}

/** The default of a schema, null where there is none or no more room. */
function defaultOf({ default: value = null }: JsonSchema, room: Room): unknown {
  room.left -= countOf(value);
  return room.left < 0 ? null : cloneJson(value);
}

/** How many values there are in a value, with itself. */
function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const one of Object.values(value)) count += countOf(one);
  return count;
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
