import type { ValidatingAdmissionPolicy, Validation } from '../../../api/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { Scope } from '../../../cel/admission.ts';
import { runtimeBudget } from '../../../cel/program.ts';
import type { Steps } from '../../../base/in-steps.ts';
import { compiledExpression } from '../../resources/admissionregistration/expressions.ts';
import { PolicyVariables } from '../../resources/admissionregistration/policy-variables.ts';
import { resultTypes } from '../../resources/admissionregistration/validating-admission-policy.ts';
import { Conditions } from './conditions.ts';
import { Evaluation, OutOfBudget, type PolicyExpression, type Result } from './evaluation.ts';
import { valuesWith } from '../request-values.ts';

export type Reason = 'Forbidden' | 'Invalid' | 'RequestEntityTooLarge';

/** Why a request is refused. */
export interface Denial {
  readonly message: string;
  readonly reason: Reason;
  /** Which of the validations says so. */
  readonly index: number;
}

export interface Verdict {
  readonly denials: readonly Denial[];
  /** Of annotations that could not be computed, and have to be. */
  readonly annotationProblems: readonly string[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
}

interface Rule {
  readonly validation: Readonly<Validation>;
  readonly expression: PolicyExpression;
  readonly message: PolicyExpression | undefined;
}

const longestMessage = 5 * 1024;
const longestAnnotation = 10 * 1024;
const silence: Verdict = { denials: [], annotationProblems: [], annotations: [] };

/** A ValidatingAdmissionPolicy, ready to be asked. */
export class CompiledValidatingPolicy {
  readonly name: string;
  readonly spec: Readonly<ValidatingAdmissionPolicy['spec']>;
  readonly #conditions: Conditions;
  readonly #variables: PolicyVariables;
  readonly #rules: readonly Rule[];
  readonly #annotations: readonly { readonly key: string; readonly expression: PolicyExpression }[];

  constructor({ metadata, spec }: Readonly<ValidatingAdmissionPolicy>) {
    this.name = metadata.name ?? '';
    this.spec = spec;
    const hasParams = spec.paramKind !== undefined;
    this.#conditions = new Conditions(spec.matchConditions ?? [], hasParams);
    const variables = new PolicyVariables(hasParams, false);
    for (const variable of spec.variables ?? []) variables.add(variable);
    this.#variables = variables;
    const ready = (text: string, types: (typeof resultTypes)[keyof typeof resultTypes], scope?: Partial<Scope>) => ({
      text,
      compiled: compiledExpression(text, variables.environment(scope), types),
    });
    this.#rules = (spec.validations ?? []).map((validation) => ({
      validation,
      expression: ready(validation.expression, resultTypes.validation),
      message: validation.messageExpression?.trim()
        ? ready(validation.messageExpression, resultTypes.message, { hasAuthorizer: false })
        : undefined,
    }));
    this.#annotations = (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      expression: ready(valueExpression.trim(), resultTypes.annotation),
    }));
  }

  get ignoresFailures(): boolean {
    return this.spec.failurePolicy === 'Ignore';
  }

  /** What it says about a request with one parameter. */
  *verdict(values: Readonly<Record<string, unknown>>, params: Readonly<KubeObject> | null): Steps<Verdict> {
    const all = valuesWith(values, params, true);
    const held = yield* this.#conditions.hold(all);
    if (held === false) return silence;
    if (held !== true) return this.#failure(held.problem);
    try {
      return yield* this.#verdict(all, valuesWith(values, params, false));
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      return this.#failure(error.message);
    }
  }

  *#verdict(
    all: Readonly<Record<string, unknown>>,
    withoutAuthorizer: Readonly<Record<string, unknown>>,
  ): Steps<Verdict> {
    const { compiled: variables } = this.#variables;
    const evaluation = new Evaluation(all, variables, runtimeBudget);
    const results: Result[] = [];
    for (const { expression } of this.#rules) results.push(yield* evaluation.result(expression));
    const messages = new Evaluation(withoutAuthorizer, variables, evaluation.budget);
    const denials: Denial[] = [];
    for (const [index, result] of results.entries())
      if ('problem' in result) {
        if (!this.ignoresFailures) denials.push({ message: result.problem, reason: 'Invalid', index });
      } else if (result.value !== true) denials.push(...(yield* this.#denial(this.#rules[index]!, messages, index)));
    const annotated = yield* this.#annotated(new Evaluation(withoutAuthorizer, variables, runtimeBudget));
    return { ...annotated, denials };
  }

  *#denial({ validation, message }: Rule, messages: Evaluation, index: number): Steps<Denial[]> {
    try {
      const text = message && messageOf(yield* messages.result(message));
      const own = text || validation.message?.trim() || `failed expression: ${validation.expression.trim()}`;
      return [{ message: own, reason: (validation.reason as Reason | undefined) ?? 'Invalid', index }];
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      if (this.ignoresFailures) return [];
      return [{ message: `failed messageExpression: ${error.message}`, reason: 'Invalid', index }];
    }
  }

  *#annotated(evaluation: Evaluation): Steps<Omit<Verdict, 'denials'>> {
    const annotations: { key: string; value: string }[] = [];
    const annotationProblems: string[] = [];
    for (const { key, expression } of this.#annotations) {
      const result = yield* evaluation.result(expression);
      if ('problem' in result) {
        if (!this.ignoresFailures) annotationProblems.push(result.problem);
        continue;
      }
      const value = typeof result.value === 'string' ? result.value.trim() : '';
      if (value !== '') annotations.push({ key, value: value.slice(0, longestAnnotation) });
    }
    return { annotations, annotationProblems };
  }

  #failure(message: string): Verdict {
    return this.ignoresFailures ? silence : { ...silence, denials: [{ message, reason: 'Invalid', index: 0 }] };
  }
}

/** The text of a message, where it is one line of a length that people read. */
function messageOf(result: Result): string | undefined {
  if ('problem' in result || typeof result.value !== 'string') return undefined;
  const text = result.value.trim();
  return text.includes('\n') || Buffer.byteLength(text) > longestMessage ? undefined : text;
}
