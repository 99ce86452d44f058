import { isList, itemAt, listSize } from '../values/list.ts';
import { spendLetters } from '../values/effort.ts';
import { isMap, keyOf, keysOf, valueAt } from '../values/map.ts';
import { shownValue } from '../values/show.ts';
import { typeOf } from '../values/type-of.ts';
import { CelError, type CelMap, type Key, type Value } from '../values/value.ts';
import type { Frame, Step } from './frame.ts';

/** The parts of a comprehension, and the slots of its variables. */
export interface Fold {
  readonly range: Step;
  readonly variable: number;
  readonly second: number | undefined;
  readonly result: number;
  /** A new value for each evaluation, which {@link append} and {@link insert} may change. */
  initial(): Value;
  readonly condition: Step;
  readonly step: Step;
  readonly end: Step;
}

/** Goes over a list or a map until the condition is false. */
export function fold(parts: Fold): Step {
  return (frame) => {
    const range = parts.range(frame);
    if (range instanceof CelError) return range;
    frame.slots[parts.result] = parts.initial();
    if (isList(range)) overList(parts, range, frame);
    else if (isMap(range)) overMap(parts, range, frame);
    else return new CelError(`got '${typeOf(range).name}', expected iterable type`);
    return parts.end(frame);
  };
}

function overList(parts: Fold, list: Parameters<typeof itemAt>[0], frame: Frame): void {
  const { variable, second } = parts;
  const size = listSize(list);
  for (let index = 0; index < size; index++) {
    const item = itemAt(list, index);
    frame.slots[variable] = second === undefined ? item : index;
    if (second !== undefined) frame.slots[second] = item;
    if (!goesOn(parts, frame)) return;
  }
}

function overMap(parts: Fold, map: Parameters<typeof keysOf>[0], frame: Frame): void {
  const { variable, second } = parts;
  for (const key of keysOf(map)) {
    frame.slots[variable] = key;
    if (second !== undefined) frame.slots[second] = valueAt(map, key)!;
    if (!goesOn(parts, frame)) return;
  }
}

/** A round takes as long as to go through so many letters, also where it costs nothing: `exists_one(x, false)`. */
const lettersOfRound = 4;

function goesOn({ condition, step, result }: Fold, frame: Frame): boolean {
  spendLetters(lettersOfRound);
  if (condition(frame) === false) return false;
  frame.slots[result] = step(frame);
  return true;
}

/** Adds items to the list that a comprehension is building, in place: nobody else has it. Costs what `+` does. */
export function append(result: number, items: Step): Step {
  return (frame) => {
    const list = frame.slots[result]!;
    frame.charge(1);
    const added = items(frame);
    frame.charge(1);
    if (list instanceof CelError) return list;
    if (added instanceof CelError) return added;
    for (const item of added as readonly Value[]) (list as Value[]).push(item);
    return list;
  };
}

/** Adds a key with its value, or (without a value) all those of a map, to the map that a comprehension is building. */
export function insert(result: number, key: Step, value: Step | undefined): Step {
  return (frame) => {
    const map = frame.slots[result]!;
    frame.charge(1);
    const first = key(frame);
    const second = value?.(frame) ?? null;
    frame.charge(1);
    for (const operand of [map, first, second]) if (operand instanceof CelError) return operand;
    const entries = (map as CelMap).entries as Map<Key, { key: Value; value: Value }>;
    const added = value ? [[first, second] as const] : entriesOf(first);
    for (const [own, item] of added) {
      const name = keyOf(own);
      if (name === undefined) return new CelError(`unsupported key type: ${typeOf(own).name}`);
      if (entries.has(name)) return new CelError(`insert failed: key ${shownValue(own)} already exists`);
      entries.set(name, { key: own, value: item });
    }
    return map;
  };
}

function entriesOf(map: Value): (readonly [Value, Value])[] {
  return isMap(map) ? keysOf(map).map((key) => [key, valueAt(map, key)!] as const) : [];
}
