import type { Value } from '../values/value.ts';

/**
 * An expression as a tree. Macros are gone: what they stand for is there instead. `at` is where it stands in the text,
 * as messages show it: an operator for what it makes, the opening bracket of a call.
 */
export type Expression = Literal | Identifier | Select | Call | ListOf | MapOf | StructOf | Comprehension;

export interface Literal {
  readonly kind: 'literal';
  readonly at: number;
  readonly value: Value;
}

export interface Identifier {
  readonly kind: 'identifier';
  readonly at: number;
  readonly name: string;
}

/** A field of an object, or the value of a map under a text. */
export interface Select {
  readonly kind: 'select';
  readonly at: number;
  readonly operand: Expression;
  readonly field: string;
  /** `has()`: only whether it is there. */
  readonly isTest: boolean;
}

/** A call of a function; operators are functions whose names tell their form: `_+_`, `!_`, `_[_]`, `_?_:_`. */
export interface Call {
  readonly kind: 'call';
  readonly at: number;
  readonly function: string;
  /** What stands before the point. */
  readonly target: Expression | undefined;
  readonly arguments: readonly Expression[];
}

export interface ListOf {
  readonly kind: 'list';
  readonly at: number;
  readonly elements: readonly Expression[];
  /** Indices of elements that are left out where their optional has no value: `[?x]`. */
  readonly optionals: ReadonlySet<number>;
}

export interface Entry {
  readonly at: number;
  readonly key: Expression;
  readonly value: Expression;
  readonly isOptional: boolean;
}

export interface MapOf {
  readonly kind: 'map';
  readonly at: number;
  readonly entries: readonly Entry[];
}

export interface FieldOf {
  readonly at: number;
  readonly name: string;
  readonly value: Expression;
  readonly isOptional: boolean;
}

export interface StructOf {
  readonly kind: 'struct';
  readonly at: number;
  readonly name: string;
  readonly fields: readonly FieldOf[];
}

/** Goes over a range and builds up a result, as `all`, `map` and their like do. */
export interface Comprehension {
  readonly kind: 'comprehension';
  readonly at: number;
  readonly range: Expression;
  /** The item of a list or the key of a map; with `second` the index or the key. */
  readonly variable: string;
  /** The item or the value, in comprehensions of two variables. */
  readonly second: string | undefined;
  readonly result: string;
  readonly initial: Expression;
  /** Goes on while true. */
  readonly condition: Expression;
  /** The next result. */
  readonly step: Expression;
  readonly end: Expression;
}

/** The name of a comprehension's result, which no expression can write. */
export const resultName = '@result';

export function literal(at: number, value: Value): Literal {
  return { kind: 'literal', at, value };
}

export function identifier(at: number, name: string): Identifier {
  return { kind: 'identifier', at, name };
}

export function call(at: number, name: string, ...args: readonly Expression[]): Call {
  return { kind: 'call', at, function: name, target: undefined, arguments: args };
}

export function memberCall(at: number, target: Expression, name: string, ...args: readonly Expression[]): Call {
  return { kind: 'call', at, function: name, target, arguments: args };
}

export function list(at: number, ...elements: readonly Expression[]): ListOf {
  return { kind: 'list', at, elements, optionals: new Set() };
}

/** The expressions right below one. */
export function partsOf(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'select':
      return [expression.operand];
    case 'call':
      return expression.target ? [expression.target, ...expression.arguments] : [...expression.arguments];
    case 'list':
      return [...expression.elements];
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expression.fields.map(({ value }) => value);
    case 'comprehension': {
      const { range, initial, condition, step, end } = expression;
      return [range, initial, condition, step, end];
    }
    default:
      return [];
  }
}
