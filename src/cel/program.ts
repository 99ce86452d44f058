import { wholeOf, type Steps } from '../base/in-steps.ts';
import { checking } from './check/checker.ts';
import type { Checked } from './check/checked.ts';
import { validating } from './check/validate.ts';
import type { Environment } from './environment.ts';
import { Frame } from './evaluate/frame.ts';
import { planning, PlanError, type Plan } from './evaluate/plan.ts';
import { issuesText, type Issue } from './syntax/issues.ts';
import { parsing } from './syntax/parser.ts';
import type { Type } from './type.ts';
import { fromDeclared } from './values/declared.ts';
import { effortSoFar, overLimit, withEffort } from './values/effort.ts';
import { CelError, type Value } from './values/value.ts';

/** An expression that is well formed and whose types fit. Immutable. */
export interface Compiled {
  readonly issues?: undefined;
  readonly text: string;
  readonly environment: Environment;
  /** Of the result. */
  readonly type: Type;
  readonly checked: Checked;
}

/** What is wrong with an expression, as Kubernetes shows it: `ERROR: <input>:1:1: …`, with the line and a mark. */
export interface Refused {
  readonly issues: string;
}

/** The cost at which Kubernetes ends the evaluation of one expression. */
export const perCallLimit = 1_000_000;
/** What all expressions about one object may cost together. */
export const runtimeBudget = 10_000_000;

/** What reading a letter of an expression costs, and finding out what it means, in the measure of {@link Steps}. */
const costOfLetter = 16;

/** Reads an expression and finds its type. Takes time linear in the length of the text, of which there is a limit. */
export function compile(text: string, environment: Environment): Compiled | Refused {
  return wholeOf(compiling(text, environment));
}

/** The same in steps: one of the longest expressions takes a tenth of a second. */
export function* compiling(text: string, environment: Environment): Steps<Compiled | Refused> {
  const issues: Issue[] = [];
  yield text.length * costOfLetter;
  const expression = yield* parsing(text, issues, { hasBindings: environment.hasBindings });
  yield text.length * costOfLetter;
  if (issues.length > 0) return { issues: issuesText(issues, text) };
  const checked = yield* checking(expression, environment, issues);
  yield text.length * costOfLetter;
  if (issues.length === 0) yield* validating(checked, issues);
  yield text.length * costOfLetter;
  if (issues.length > 0) return { issues: issuesText(issues, text) };
  return { text, environment, type: checked.types.get(expression)!, checked };
}

/** Whether the expression reads the variable. */
export function reads({ checked }: Compiled, variable: string): boolean {
  for (const meaning of checked.meanings.values())
    if (meaning.kind === 'variable' && meaning.name === variable) return true;
  return false;
}

/** What an evaluation came to. `value` is a {@link CelError} where it failed. */
export interface Outcome {
  readonly value: Value;
  /** As Kubernetes counts it. */
  readonly cost: number;
  /** What a budget is less by: the cost, or more where the evaluation took longer than Kubernetes' costs tell. */
  readonly spent: number;
  /** Whether it was ended because it cost more than the limit. */
  readonly isOverLimit: boolean;
}

export interface RunOptions {
  /** The cost beyond which the evaluation ends; Kubernetes' {@link perCallLimit} by default. */
  readonly costLimit?: number;
}

/** An expression that can be evaluated any number of times. Immutable. */
export class Program {
  readonly #plan: Plan;
  readonly #environment: Environment;

  constructor(plan: Plan, environment: Environment) {
    this.#plan = plan;
    this.#environment = environment;
  }

  /**
   * Evaluates the expression. `variables` are JSON (of the shape that their declarations say), or values of the language.
   */
  run(variables: Readonly<Record<string, unknown>>, { costLimit = perCallLimit }: RunOptions = {}): Outcome {
    const slots: (Value | undefined)[] = new Array(this.#plan.slots);
    for (const [slot, name] of this.#plan.variables.entries()) slots[slot] = this.#value(name, variables);
    const frame = new Frame(slots, costLimit);
    return withEffort(() => {
      const before = effortSoFar();
      const outcome = (value: Value, isOverLimit: boolean): Outcome => {
        const { cost } = frame;
        return { value, cost, spent: Math.max(cost, effortSoFar() - before), isOverLimit };
      };
      try {
        return outcome(this.#plan.step(frame), false);
      } catch (error) {
        if (error !== overLimit) throw error;
        return outcome(new CelError(overLimit.message), true);
      }
    });
  }

  #value(name: string, variables: Readonly<Record<string, unknown>>): Value | undefined {
    const declaration = this.#environment.variables.get(name);
    if (!declaration) return undefined;
    if (!Object.hasOwn(variables, name)) return new CelError(`no such attribute(s): ${name}`);
    return fromDeclared(variables[name], declaration);
  }
}

/** Makes an expression ready, or says why a part of it that is known beforehand cannot be computed: `int('x')`. */
export function prepare(compiled: Compiled): Program | { readonly problem: string } {
  return wholeOf(preparing(compiled));
}

/** The same in steps. */
export function* preparing({ checked, environment }: Compiled): Steps<Program | { readonly problem: string }> {
  try {
    return new Program(yield* planning(checked, environment.newStruct), environment);
  } catch (error) {
    if (error instanceof PlanError) return { problem: error.message };
    throw error;
  }
}
