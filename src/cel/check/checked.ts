import type { Expression } from '../syntax/expression.ts';
import type { Type } from '../type.ts';
import type { Overload } from './function.ts';
import type { Value } from '../values/value.ts';

/** What a name means. */
export type Meaning =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: Value };

/** What the checker found out about an expression that has no issues. */
export interface Checked {
  readonly expression: Expression;
  readonly types: ReadonlyMap<Expression, Type>;
  /** What identifiers mean, and selects that are names with points. */
  readonly meanings: ReadonlyMap<Expression, Meaning>;
  /** The signatures of a call that fit, by what is known of its arguments' types; one at least. */
  readonly overloads: ReadonlyMap<Expression, readonly Overload[]>;
  /** The functions of calls with a point which are one name, so that what stands before the point is no argument. */
  readonly names: ReadonlyMap<Expression, string>;
}
