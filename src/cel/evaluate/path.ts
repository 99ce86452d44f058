import { fieldOf } from '../declaration.ts';
import { unescapeName } from '../escape.ts';
import type { Type } from '../type.ts';
import { CelError, CelObject, fromJson, none, Optional, type JsonObject, type Value } from '../values/value.ts';
import { access, find, findOptional, missing } from './access.ts';
import type { Frame, Step } from './frame.ts';

/** Steps of a path: fields, keys and indices, each of which costs 1. */

/** A field by its name; of what has a schema, read as the schema has it. */
export function fieldStep(base: Step, field: string, type: Type): Step {
  const { declaration } = type;
  const name = type.kind === 'struct' ? unescapeName(field) : undefined;
  if (name === undefined || !declaration || !fieldOf(declaration, field)) return item(base, () => field, false);
  return (frame) => {
    const operand = base(frame);
    if (typeof operand !== 'object' || operand === null || operand instanceof CelObject || Array.isArray(operand))
      return qualified(frame, operand, field, false);
    frame.charge(1);
    // An object that is read without its schema: a field that is null counts as absent.
    const value = Object.hasOwn(operand, name) ? (operand as JsonObject)[name] : null;
    return value === null || value === undefined ? missing(operand, field) : fromJson(value);
  };
}

/** What is at a key or index that is computed. */
export function item(base: Step, key: Step, isOptional: boolean): Step {
  return (frame) => {
    const operand = base(frame);
    if (operand instanceof CelError) return operand;
    const value = key(frame);
    return value instanceof CelError ? value : qualified(frame, operand, value, isOptional);
  };
}

/** Goes one step of a path. Where an optional step finds nothing, it costs nothing. */
function qualified(frame: Frame, operand: Value, key: Value, isOptional: boolean): Value {
  if (operand instanceof CelError) return operand;
  const value = isOptional ? findOptional(operand, key) : access(operand, key);
  if (value !== none) frame.charge(1);
  return value;
}

/** `has(…)`. */
export function presence(base: Step, field: string): Step {
  return (frame) => {
    const operand = base(frame);
    frame.charge(1);
    if (operand instanceof CelError) return operand;
    const found = find(operand, field);
    if (found instanceof CelError) return found;
    return operand instanceof Optional && found instanceof Optional ? found.value !== undefined : found !== undefined;
  };
}
