import type { Steps } from '../../base/in-steps.ts';
import type { Checked } from '../check/checked.ts';
import { callCost } from '../cost/call-cost.ts';
import type {
  Call,
  Comprehension,
  Expression,
  Identifier,
  ListOf,
  MapOf,
  Select,
  StructOf,
} from '../syntax/expression.ts';
import { resultName } from '../syntax/expression.ts';
import { operandsFirst } from '../syntax/operands-first.ts';
import type { Type } from '../type.ts';
import { keyOf } from '../values/map.ts';
import { compilePattern } from '../values/regex.ts';
import { CelError, CelMap, type Value } from '../values/value.ts';
import { newList, newMap, newStruct } from './construct.ts';
import { dispatch } from './dispatch.ts';
import { append, fold, insert } from './fold.ts';
import { Frame, type Step } from './frame.ts';
import { and, conditional, equality, notStrictlyFalse, optionalOr, or } from './logic.ts';
import { fieldStep, item, presence } from './path.ts';

/** A part of an expression, planned. */
interface Part {
  /** Computes the value at the cost of the part as an operand of a path. */
  readonly resolve: Step;
  /** What it costs beyond that to be evaluated by itself. */
  readonly surcharge: number;
  /** Whether it is a path: a variable, a field, an item, or a choice of such. */
  readonly isPath: boolean;
  /** The value, where it is known before anything is evaluated. */
  readonly constant?: Value;
}

/** An expression that is ready to be evaluated, and the variables that it reads, by slot. */
export interface Plan {
  readonly step: Step;
  readonly variables: readonly string[];
  readonly slots: number;
}

/** In steps. Throws {@link PlanError} where a part that is known beforehand cannot be computed. */
export function* planning(checked: Checked, newStruct: NewStruct): Steps<Plan> {
  const planner = new Planner(checked, newStruct);
  yield* planner.planning(checked.expression);
  const step = evaluated(planner.part(checked.expression));
  return { step, variables: planner.variables, slots: planner.slots };
}

/** Makes an object of a type from its fields. */
export type NewStruct = (type: Type, fields: ReadonlyMap<string, Value>) => Value;

/** A constant that cannot be: `int('x')`. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

type Scope = { readonly name: string; readonly slot: number; readonly late?: Step; readonly outer: Scope } | undefined;

const conversions: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

class Planner {
  readonly #checked: Checked;
  readonly #newStruct: NewStruct;
  readonly #parts = new Map<Expression, Part>();
  readonly variables: string[] = [];
  /** Slots of variables, those of comprehensions behind the others' number. */
  slots: number;
  #scope: Scope;

  constructor(checked: Checked, newStruct: NewStruct) {
    this.#checked = checked;
    this.#newStruct = newStruct;
    const names = new Set<string>();
    for (const meaning of checked.meanings.values()) if (meaning.kind === 'variable') names.add(meaning.name);
    this.variables = [...names];
    this.slots = names.size;
  }

  /** {@link part} in steps. */
  planning(expression: Expression): Steps<void> {
    return operandsFirst(
      expression,
      (part) => this.#parts.has(part),
      (part) => void this.part(part),
    );
  }

  part(expression: Expression): Part {
    const known = this.#parts.get(expression);
    if (known) return known;
    const part = this.#part(expression);
    this.#parts.set(expression, part);
    return part;
  }

  #step(expression: Expression): Step {
    return evaluated(this.part(expression));
  }

  #part(expression: Expression): Part {
    switch (expression.kind) {
      case 'literal':
        return constant(expression.value);
      case 'identifier':
        return this.#named(expression);
      case 'select':
        return this.#checked.meanings.has(expression) ? this.#named(expression) : this.#select(expression);
      case 'call':
        return this.#call(expression);
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      case 'struct':
        return this.#struct(expression);
      default:
        return computed(this.#comprehension(expression));
    }
  }

  #named(expression: Identifier | Select): Part {
    const meaning = this.#checked.meanings.get(expression)!;
    if (meaning.kind === 'constant') return constant(meaning.value);
    const found = this.#find(meaning.name);
    const slot = found ? found.slot : this.variables.indexOf(meaning.name);
    const late = found?.late;
    const read: Step = (frame) => frame.slots[slot]!;
    const resolve = late
      ? (frame: Frame) => (frame.slots[slot] === undefined ? (frame.slots[slot] = late(frame)) : read(frame))
      : read;
    return { resolve, surcharge: 1, isPath: true };
  }

  #find(name: string): Scope {
    let scope = this.#scope;
    while (scope && scope.name !== name) scope = scope.outer;
    return scope;
  }

  #select({ operand, field, isTest }: Select): Part {
    const { base, surcharge } = this.#base(operand);
    if (isTest) return { resolve: presence(base, field), surcharge: surcharge - 1, isPath: true };
    const type = this.#checked.types.get(operand)!;
    return { resolve: fieldStep(base, field, type), surcharge, isPath: true };
  }

  /** What a path goes on from, and what the whole costs beyond its steps. */
  #base(operand: Expression): { readonly base: Step; readonly surcharge: number } {
    const part = this.part(operand);
    return part.isPath ? { base: part.resolve, surcharge: part.surcharge } : { base: evaluated(part), surcharge: 1 };
  }

  #call(call: Call): Part {
    const { arguments: args, target } = call;
    const name = this.#checked.names.get(call) ?? call.function;
    switch (name) {
      case '_&&_':
        return computed(and(this.#step(args[0]!), this.#step(args[1]!)));
      case '_||_':
        return computed(or(this.#step(args[0]!), this.#step(args[1]!)));
      case '_?_:_':
        return this.#conditional(args);
      case '_==_':
      case '_!=_':
        return computed(equality(this.#step(args[0]!), this.#step(args[1]!), name));
      case '_[_]':
      case '_[?_]':
      case '_?._':
        return this.#index(args, name);
      case '@not_strictly_false':
        return computed(notStrictlyFalse(this.#step(args[0]!)));
      case 'or':
      case 'orValue':
        return computed(optionalOr(this.#step(target!), this.#step(args[0]!), name === 'orValue'));
      default:
        return this.#inPlace(call, name) ?? this.#function(call, name);
    }
  }

  #conditional([condition, then, otherwise]: readonly Expression[]): Part {
    const branch = (expression: Expression) => {
      const part = this.part(expression);
      return part.isPath ? part.resolve : evaluated(part);
    };
    const resolve = conditional(this.#step(condition!), branch(then!), branch(otherwise!));
    return { resolve, surcharge: 0, isPath: true };
  }

  #index([operand, index]: readonly Expression[], name: string): Part {
    const { base, surcharge } = this.#base(operand!);
    const part = this.part(index!);
    const key = part.constant === undefined ? (part.isPath ? part.resolve : evaluated(part)) : () => part.constant!;
    return { resolve: item(base, key, name !== '_[_]'), surcharge, isPath: true };
  }

  /** What a comprehension adds to its result, without copying what is there. */
  #inPlace({ arguments: [first, ...added] }: Call, name: string): Part | undefined {
    if (first?.kind !== 'identifier' || first.name !== resultName) return undefined;
    const { slot } = this.#find(resultName)!;
    const [one, two] = added;
    if (name === '_+_' && one!.kind === 'list') return computed(append(slot, this.#step(one!)));
    if (name !== 'cel.@mapInsert') return undefined;
    return computed(insert(slot, this.#step(one!), two && this.#step(two)));
  }

  #function(call: Call, name: string): Part {
    const { arguments: args, target } = call;
    const isName = this.#checked.names.has(call);
    const operands = target && !isName ? [target, ...args] : args;
    const overloads = this.#checked.overloads.get(call)!;
    const parts = operands.map((operand) => this.part(operand));
    const types = operands.map((operand) => this.#checked.types.get(operand)!);
    const id = overloads.length === 1 ? overloads[0]!.id : '';
    const pattern = name === 'find' || name === 'findAll' || name === 'matches' ? parts[1]!.constant : undefined;
    if (typeof pattern === 'string') checkPattern(pattern);
    const step = dispatch(name, overloads, parts.map(evaluated), types, callCost(name, id));
    if (conversions.has(name) && parts.length === 1 && parts[0]!.constant !== undefined) return folded(step);
    return id === 'in_list' ? membership(step, parts) : computed(step);
  }

  #list({ elements, optionals }: ListOf): Part {
    const parts = elements.map((element) => this.part(element));
    if (optionals.size === 0 && parts.every(({ constant: value }) => value !== undefined))
      return constant(parts.map((part) => part.constant!));
    return computed(newList(parts.map(evaluated), optionals));
  }

  #map({ entries }: MapOf): Part {
    const parts = entries.flatMap(({ key, value }) => [this.part(key), this.part(value)]);
    const steps = entries.map(({ key, value, isOptional }) => ({
      key: this.#step(key),
      value: this.#step(value),
      isOptional,
    }));
    const step = newMap(steps);
    const isConstant = parts.every(({ constant: value }) => value !== undefined);
    return isConstant && !entries.some(({ isOptional }) => isOptional) ? folded(step) : computed(step);
  }

  #struct(expression: StructOf): Part {
    const type = this.#checked.types.get(expression)!;
    const fields = expression.fields.map(({ name, value, isOptional }) => ({
      key: name,
      value: this.#step(value),
      isOptional,
    }));
    const create = this.#newStruct;
    return computed(newStruct(fields, (values) => create(type, values)));
  }

  #comprehension(loop: Comprehension): Step {
    const range = this.#step(loop.range);
    const initial = this.part(loop.initial);
    const outer = this.#scope;
    const result = this.slots++;
    const isBinding = loop.result !== resultName;
    const late = isBinding ? evaluated(initial) : undefined;
    const inside: Scope = { name: loop.result, slot: result, late, outer };
    const variable = this.slots++;
    this.#scope = { name: loop.variable, slot: variable, outer: inside };
    const second = loop.second === undefined ? undefined : this.slots++;
    if (second !== undefined) this.#scope = { name: loop.second!, slot: second, outer: this.#scope };
    this.#scope = isBinding ? inside : this.#scope;
    const condition = this.#step(loop.condition);
    const step = isBinding ? condition : this.#step(loop.step);
    this.#scope = inside;
    const end = this.#step(loop.end);
    this.#scope = outer;
    if (isBinding)
      return (frame) => {
        frame.slots[result] = undefined;
        return end(frame);
      };
    return fold({ range, variable, second, result, initial: () => fresh(initial.constant!), condition, step, end });
  }
}

/** Throws {@link PlanError}. */
function checkPattern(text: string): void {
  const compiled = compilePattern(text);
  if (compiled instanceof CelError) throw new PlanError(compiled.message);
}

/** The value that a comprehension begins with: its own where it is a list or map, as that will be changed. */
function fresh(value: Value): Value {
  if (Array.isArray(value)) return [];
  return value instanceof CelMap ? new CelMap(new Map()) : value;
}

function constant(value: Value): Part {
  return { resolve: () => value, surcharge: 0, isPath: false, constant: value };
}

function computed(step: Step): Part {
  return { resolve: step, surcharge: 0, isPath: false };
}

/** The part as what it always is. Throws {@link PlanError}. */
function folded(step: Step): Part {
  const value = step(new Frame([], Infinity));
  if (value instanceof CelError) throw new PlanError(value.message);
  return constant(value);
}

function evaluated({ resolve, surcharge }: Part): Step {
  if (surcharge === 0) return resolve;
  return (frame) => {
    const value = resolve(frame);
    frame.charge(surcharge);
    return value;
  };
}

/** `in` with a list that is known beforehand: free, as it is looked up. */
function membership(step: Step, [element, list]: readonly Part[]): Part {
  const items = list!.constant;
  if (!Array.isArray(items)) return computed(step);
  if (items.length === 0) return constant(false);
  if (!items.every((value) => value !== null && keyOf(value) !== undefined)) return computed(step);
  const keys = new Set(items.map((value) => keyOf(value)));
  const operand = evaluated(element!);
  return computed((frame) => {
    const value = operand(frame);
    return value instanceof CelError ? value : keys.has(keyOf(value)) && keyOf(value) !== undefined;
  });
}
