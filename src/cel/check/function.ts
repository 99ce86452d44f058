import type { Type } from '../type.ts';
import type { Value } from '../values/value.ts';

/** One signature of a function, and what it does with values of its types. */
export interface Overload {
  /** The field's standard name of it: `contains_string`. */
  readonly id: string;
  readonly arguments: readonly Type[];
  readonly result: Type;
  /** Whether the first argument stands before a point. */
  readonly isMember: boolean;
  /**
   * Computes the result. Arguments are of the declared types, never errors. Left out of operators that the evaluator does
   * itself, as they do not need all their arguments.
   */
  readonly apply?: (...args: any[]) => Value;
}

/** Functions by name, each with its signatures in the order in which they are tried. */
export type Functions = ReadonlyMap<string, readonly Overload[]>;

export function overload(id: string, args: readonly Type[], result: Type, apply?: Overload['apply']): Overload {
  return { id, arguments: args, result, isMember: false, apply };
}

export function memberOverload(id: string, args: readonly Type[], result: Type, apply?: Overload['apply']): Overload {
  return { id, arguments: args, result, isMember: true, apply };
}

/** The functions of several libraries as one; what has one name in several has the signatures of all. */
export function functionsOf(...libraries: readonly Library[]): Functions {
  const functions = new Map<string, readonly Overload[]>();
  for (const library of libraries)
    for (const [name, overloads] of Object.entries(library))
      functions.set(name, [...(functions.get(name) ?? []), ...overloads]);
  return functions;
}

export type Library = Readonly<Record<string, readonly Overload[]>>;
