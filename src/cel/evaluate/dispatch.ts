import type { Overload } from '../check/function.ts';
import type { CallCost } from '../cost/call-cost.ts';
import { callEffort } from '../cost/call-effort.ts';
import type { Type } from '../type.ts';
import { isList, itemAt, listSize } from '../values/list.ts';
import { isMap, keysOf, mapSize, valueAt } from '../values/map.ts';
import { typeOf } from '../values/type-of.ts';
import { CelError, type Value } from '../values/value.ts';
import { spendItems, spendLetters } from '../values/effort.ts';
import type { Step } from './frame.ts';

/**
 * A call of a function that needs all its arguments. Where the checker knew the types the one signature is called at once,
 * otherwise the first that fits the values.
 */
export function dispatch(
  name: string,
  overloads: readonly Overload[],
  args: readonly Step[],
  types: readonly Type[],
  cost: CallCost,
): Step {
  const [only] = overloads;
  const apply = only?.apply;
  const isKnown = overloads.length === 1 && only!.arguments.every((type, at) => !needsLook(types[at]!, type));
  const call = isKnown && apply !== undefined ? called(apply, args, cost) : withLook(name, overloads, args, cost);
  const effort = callEffort(name);
  if (effort === 0) return call;
  return (frame) => {
    spendLetters(effort);
    return call(frame);
  };
}

type Apply = NonNullable<Overload['apply']>;

function called(apply: Apply, args: readonly Step[], cost: CallCost): Step {
  if (args.length === 1) return unary(apply, args[0]!, cost);
  return args.length === 2 ? binary(apply, args[0]!, args[1]!, cost) : many(() => apply, args, cost);
}

/**
 * Whether the cost of a call is known before it is made. It is charged then: who compares each with each must not have done
 * so when it turns out to be too much.
 */
function isKnownBefore(cost: CallCost): boolean {
  return typeof cost === 'number' || cost.length < 2;
}

/** Counts that a function goes through a value. */
function spendOn(value: Value): void {
  if (typeof value === 'string') spendLetters(value.length);
  else if (isList(value)) spendItems(listSize(value));
  else if (value instanceof Uint8Array) spendLetters(value.length);
}

function unary(apply: Apply, argument: Step, cost: CallCost): Step {
  const isEarly = isKnownBefore(cost);
  return (frame) => {
    const value = argument(frame);
    if (isEarly) frame.charge(typeof cost === 'number' ? cost : cost([value], value));
    spendOn(value);
    const result = value instanceof CelError ? value : apply(value);
    if (!isEarly) frame.charge(typeof cost === 'number' ? cost : cost([value], result));
    return result;
  };
}

function binary(apply: Apply, left: Step, right: Step, cost: CallCost): Step {
  const isEarly = isKnownBefore(cost);
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    if (isEarly) frame.charge(typeof cost === 'number' ? cost : cost([a, b], a));
    spendOn(a);
    spendOn(b);
    const result = a instanceof CelError ? a : b instanceof CelError ? b : apply(a, b);
    if (!isEarly) frame.charge(typeof cost === 'number' ? cost : cost([a, b], result));
    return result;
  };
}

function many(choose: (values: readonly Value[]) => Apply | CelError, args: readonly Step[], cost: CallCost): Step {
  const isEarly = isKnownBefore(cost);
  return (frame) => {
    const values: Value[] = [];
    for (const argument of args) values.push(argument(frame));
    if (isEarly) frame.charge(typeof cost === 'number' ? cost : cost(values, null));
    for (const value of values) spendOn(value);
    const failed = values.find((value) => value instanceof CelError);
    const apply = failed ?? choose(values);
    const result = typeof apply === 'function' ? apply(...values) : apply;
    if (!isEarly) frame.charge(typeof cost === 'number' ? cost : cost(values, result));
    return result;
  };
}

function withLook(name: string, overloads: readonly Overload[], args: readonly Step[], cost: CallCost): Step {
  const choose = (values: readonly Value[]) => {
    const found = overloads.find((overload) => overload.arguments.every((type, at) => fits(values[at]!, type)));
    return found?.apply ?? noOverload(name, values);
  };
  return many(choose, args, cost);
}

/** Functions whose errors do not name them. */
const plainWords: ReadonlySet<string> = new Set(['contains', 'endsWith', 'startsWith']);

function noOverload(name: string, values: readonly Value[]): CelError {
  if (/^[^a-z]/i.test(name) || plainWords.has(name)) return new CelError('no such overload');
  if (name === 'size' || name === 'matches') return new CelError(`no such overload: ${name}`);
  return new CelError(`no such overload: ${name}(${values.map((value) => typeOf(value).name).join(', ')})`);
}

/** Whether the type that the checker found leaves open whether values are of the type that a signature asks for. */
function needsLook(known: Type, asked: Type): boolean {
  if (isAnything(asked)) return false;
  if (known.kind !== asked.kind) return true;
  return asked.parameters.some((parameter, at) => {
    const own = known.parameters[at];
    return own === undefined || needsLook(own, parameter);
  });
}

function isAnything({ kind }: Type): boolean {
  return kind === 'dyn' || kind === 'parameter';
}

/** Whether a value is of a type; of lists and maps the first item is looked at. */
function fits(value: Value, type: Type): boolean {
  if (isAnything(type)) return true;
  if (type.kind === 'list')
    return isList(value) && (listSize(value) === 0 || fits(itemAt(value, 0), type.parameters[0]!));
  if (type.kind !== 'map') return typeOf(value).name === type.name;
  if (!isMap(value)) return false;
  if (type.parameters.every(isAnything) || mapSize(value) === 0) return true;
  const [key] = keysOf(value);
  const item = key === undefined ? undefined : valueAt(value, key);
  return item === undefined || (fits(key!, type.parameters[0]!) && fits(item, type.parameters[1]!));
}
