import { CelStruct } from '../../../cel/evaluate/access.ts';
import { runtimeBudget, type Program } from '../../../cel/program.ts';
import { structType, type Type } from '../../../cel/type.ts';
import { CelError, type Value } from '../../../cel/values/value.ts';
import type { Steps } from '../../../base/in-steps.ts';
import type { CompiledExpression } from '../../resources/admissionregistration/expressions.ts';

/** An expression with its text, which messages show; or what was wrong with it when it was read. */
export interface PolicyExpression {
  readonly text: string;
  readonly compiled: { readonly program: Program } | { readonly problem: string };
}

export type Result = { readonly value: Value } | { readonly problem: string };

/** The variables of a policy, each ready or with what is wrong with it. */
export type NamedExpressions = ReadonlyMap<string, CompiledExpression | { readonly problem: string }>;

/** What all expressions of a policy may cost together is spent. */
export class OutOfBudget extends Error {
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

/** What conditions of a policy may cost together. */
export const conditionsBudget = runtimeBudget / 4;

/** Evaluates expressions over the same values. A variable is computed when it is looked at, and once. */
export class Evaluation {
  readonly #values: Readonly<Record<string, unknown>>;
  /** What is left to be spent. */
  budget: number;

  constructor(values: Readonly<Record<string, unknown>>, variables: NamedExpressions | undefined, budget: number) {
    this.budget = budget;
    const lazy = variables && new LazyVariables(variables, (program) => this.#run(program));
    this.#values = lazy ? { ...values, variables: lazy } : values;
  }

  /** The value, or why there is none, in one step. Throws {@link OutOfBudget}. */
  *result(expression: PolicyExpression): Steps<Result> {
    const before = this.budget;
    const result = this.#result(expression);
    yield before - this.budget;
    return result;
  }

  #result({ text, compiled }: PolicyExpression): Result {
    if ('problem' in compiled) return { problem: `compilation error: ${compiled.problem}` };
    const value = this.#run(compiled.program);
    if (this.budget < 0) throw new OutOfBudget();
    if (value instanceof CelError) return { problem: `expression '${text}' resulted in error: ${value.message}` };
    return { value };
  }

  #run(program: Program): Value {
    const { value, spent } = program.run(this.#values);
    this.budget -= spent;
    return value;
  }
}

const variablesType = structType('kubernetes.variables');

class LazyVariables extends CelStruct {
  readonly #expressions: NamedExpressions;
  readonly #run: (program: Program) => Value;
  readonly #known = new Map<string, Value>();

  constructor(expressions: NamedExpressions, run: (program: Program) => Value) {
    super();
    this.#expressions = expressions;
    this.#run = run;
  }

  get type(): Type {
    return variablesType;
  }

  fieldAt(name: string): Value | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const expression = this.#expressions.get(name);
    if (expression === undefined) return undefined;
    const value = this.#computed(name, expression);
    this.#known.set(name, value);
    return value;
  }

  #computed(name: string, expression: CompiledExpression | { readonly problem: string }): Value {
    if ('problem' in expression)
      return new CelError(`composited variable ${JSON.stringify(name)} fails to compile: ${expression.problem}`);
    const value = this.#run(expression.program);
    if (!(value instanceof CelError)) return value;
    return new CelError(`composited variable ${JSON.stringify(name)} fails to evaluate: ${value.message}`);
  }
}
