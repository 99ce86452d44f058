import type { Overload } from '../check/function.ts';
import type { CallCost } from '../cost/call-cost.ts';
import type { Type } from '../type.ts';
import { isList, itemAt, listSize } from '../values/list.ts';
import { isMap, keysOf, mapSize, valueAt } from '../values/map.ts';
import { typeOf } from '../values/type-of.ts';
import { CelError, type Value } from '../values/value.ts';
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
  if (!isKnown || apply === undefined) return withLook(name, overloads, args, cost);
  if (args.length === 1) return unary(apply, args[0]!, cost);
  return args.length === 2 ? binary(apply, args[0]!, args[1]!, cost) : many(() => apply, args, cost);
}

type Apply = NonNullable<Overload['apply']>;

function unary(apply: Apply, argument: Step, cost: CallCost): Step {
  return (frame) => {
    const value = argument(frame);
    const result = value instanceof CelError ? value : apply(value);
    frame.charge(typeof cost === 'number' ? cost : cost([value], result));
    return result;
  };
}

function binary(apply: Apply, left: Step, right: Step, cost: CallCost): Step {
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    const result = a instanceof CelError ? a : b instanceof CelError ? b : apply(a, b);
    frame.charge(typeof cost === 'number' ? cost : cost([a, b], result));
    return result;
  };
}

function many(choose: (values: readonly Value[]) => Apply | CelError, args: readonly Step[], cost: CallCost): Step {
  return (frame) => {
    const values: Value[] = [];
    for (const argument of args) values.push(argument(frame));
    const failed = values.find((value) => value instanceof CelError);
    const apply = failed ?? choose(values);
    const result = typeof apply === 'function' ? apply(...values) : apply;
    frame.charge(typeof cost === 'number' ? cost : cost(values, result));
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
  if (asked.kind === 'dyn' || asked.kind === 'parameter') return false;
  if (known.kind !== asked.kind) return true;
  return asked.parameters.some((parameter, at) => {
    const own = known.parameters[at];
    return own === undefined || needsLook(own, parameter);
  });
}

/** Whether a value is of a type; of lists and maps the first item is looked at. */
function fits(value: Value, type: Type): boolean {
  if (type.kind === 'dyn' || type.kind === 'parameter') return true;
  if (type.kind === 'list')
    return isList(value) && (listSize(value) === 0 || fits(itemAt(value, 0), type.parameters[0]!));
  if (type.kind !== 'map') return typeOf(value).name === type.name;
  if (!isMap(value)) return false;
  if (mapSize(value) === 0) return true;
  const [key] = keysOf(value);
  const item = key === undefined ? undefined : valueAt(value, key);
  return item === undefined || (fits(key!, type.parameters[0]!) && fits(item, type.parameters[1]!));
}
