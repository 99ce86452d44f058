import { listCost, mapCost, structCost } from '../cost/call-cost.ts';
import { keyOf } from '../values/map.ts';
import { CelError, CelMap, Optional, type Key, type Value } from '../values/value.ts';
import type { Step } from './frame.ts';

/** Steps that make a list, a map or an object of what their parts are. */

/** A part of a map or an object; one that is optional is left out where its optional has no value. */
export interface Entry<Name> {
  readonly key: Name;
  readonly value: Step;
  readonly isOptional: boolean;
}

export function newList(elements: readonly Step[], optionals: ReadonlySet<number>): Step {
  return (frame) => {
    const list: Value[] = [];
    for (const [index, step] of elements.entries()) {
      const value = optionals.has(index) ? inner(step(frame)) : step(frame);
      if (value instanceof CelError) return value;
      if (value !== undefined) list.push(value);
    }
    frame.charge(listCost);
    return list;
  };
}

export function newMap(entries: readonly Entry<Step>[]): Step {
  return (frame) => {
    const map = new Map<Key, { key: Value; value: Value }>();
    for (const { key: keyStep, value: valueStep, isOptional } of entries) {
      const key = keyStep(frame);
      if (key instanceof CelError) return key;
      const value = isOptional ? inner(valueStep(frame)) : valueStep(frame);
      if (value instanceof CelError) return value;
      const name = keyOf(key);
      if (name === undefined) return new CelError('unsupported key type');
      if (value === undefined) map.delete(name);
      else map.set(name, { key, value });
    }
    frame.charge(mapCost);
    return new CelMap(map);
  };
}

export function newStruct(
  fields: readonly Entry<string>[],
  create: (values: ReadonlyMap<string, Value>) => Value,
): Step {
  return (frame) => {
    const values = new Map<string, Value>();
    for (const { key: name, value: step, isOptional } of fields) {
      const value = isOptional ? inner(step(frame)) : step(frame);
      if (value instanceof CelError) return value;
      if (value !== undefined) values.set(name, value);
    }
    frame.charge(structCost);
    return create(values);
  };
}

/** What an optional puts where it stands, if anything. */
function inner(value: Value): Value | undefined {
  if (value instanceof Optional) return value.value;
  return value instanceof CelError ? value : new CelError('cannot initialize optional element from non-optional value');
}
