import type { MutatingAdmissionPolicy } from '../../../api/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { Structure } from '../../../apimachinery/structure.ts';
import { madeJson } from '../../../cel/mutation.ts';
import { runtimeBudget } from '../../../cel/program.ts';
import type { Steps } from '../../../base/in-steps.ts';
import { Unanswered } from '../../auth/immediately.ts';
import { compiledMutation, mutationText } from '../../resources/admissionregistration/mutating-admission-policy.ts';
import { PolicyVariables } from '../../resources/admissionregistration/policy-variables.ts';
import { valuesWith } from '../request-values.ts';
import { Conditions } from './conditions.ts';
import { Evaluation, type PolicyExpression } from './evaluation.ts';
import { withApplied, withPatch } from './mutate.ts';

interface Step {
  readonly isPatch: boolean;
  readonly expression: PolicyExpression;
}

/** What a policy made of an object, and what it could not do. */
export interface Mutated {
  readonly object: KubeObject;
  readonly problems: readonly string[];
}

/** A MutatingAdmissionPolicy, ready to be asked. */
export class CompiledMutatingPolicy {
  readonly name: string;
  readonly spec: Readonly<MutatingAdmissionPolicy['spec']>;
  readonly #conditions: Conditions;
  readonly #variables: PolicyVariables;
  readonly #steps: readonly Step[];

  constructor({ metadata, spec }: Readonly<MutatingAdmissionPolicy>) {
    this.name = metadata.name ?? '';
    this.spec = spec;
    const hasParams = spec.paramKind !== undefined;
    this.#conditions = new Conditions(spec.matchConditions ?? [], hasParams);
    this.#variables = new PolicyVariables(hasParams, true);
    for (const variable of spec.variables ?? []) this.#variables.add(variable);
    this.#steps = (spec.mutations ?? []).map((mutation) => ({
      isPatch: mutation.patchType === 'JSONPatch',
      expression: { text: mutationText(mutation), compiled: compiledMutation(mutation, this.#variables) },
    }));
  }

  get ignoresFailures(): boolean {
    return this.spec.failurePolicy === 'Ignore';
  }

  /** Carries out its mutations one after the other. `valuesOf`: what expressions see while the object is as given. */
  *mutate(
    object: KubeObject,
    params: Readonly<KubeObject> | null,
    structure: Structure,
    valuesOf: (object: KubeObject) => Readonly<Record<string, unknown>>,
  ): Steps<Mutated> {
    const held = yield* this.#conditions.hold(valuesWith(valuesOf(object), params, true));
    if (held !== true) return { object, problems: held === false ? [] : [held.problem] };
    const problems: string[] = [];
    let now = object;
    for (const step of this.#steps)
      try {
        now = yield* this.#after(step, now, valuesWith(valuesOf(now), params, true), structure);
      } catch (error) {
        if (error instanceof Unanswered) throw error;
        problems.push((error as Error).message);
      }
    return { object: now, problems };
  }

  *#after(
    { isPatch, expression }: Step,
    object: KubeObject,
    values: Readonly<Record<string, unknown>>,
    structure: Structure,
  ): Steps<KubeObject> {
    const result = yield* new Evaluation(values, this.#variables.compiled, runtimeBudget).result(expression);
    if ('problem' in result) throw new Error(result.problem);
    const json = madeJson(result.value);
    yield;
    return isPatch ? withPatch(object, json as readonly unknown[]) : withApplied(object, json, structure);
  }
}
