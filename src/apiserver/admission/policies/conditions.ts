import type { MatchCondition } from '../../../api/admissionregistration/v1/types.ts';
import type { Steps } from '../../../base/in-steps.ts';
import { conditionProgram } from '../../resources/admissionregistration/match-conditions.ts';
import { conditionsBudget, Evaluation, OutOfBudget, type PolicyExpression } from './evaluation.ts';

/** The match conditions of a policy. */
export class Conditions {
  readonly #expressions: readonly PolicyExpression[];

  constructor(conditions: readonly Readonly<MatchCondition>[], hasParams: boolean) {
    this.#expressions = conditions.map(({ expression }) => {
      const program = conditionProgram(expression.trim(), hasParams);
      return { text: expression, compiled: 'problem' in program ? program : { program } };
    });
  }

  /** Whether all hold, or why that cannot be said. One that is false is heard before one that cannot be evaluated. */
  *hold(values: Readonly<Record<string, unknown>>): Steps<boolean | { readonly problem: string }> {
    const evaluation = new Evaluation(values, undefined, conditionsBudget);
    const problems: string[] = [];
    try {
      for (const expression of this.#expressions) {
        const result = yield* evaluation.result(expression);
        if ('problem' in result) problems.push(result.problem);
        else if (result.value === false) return false;
      }
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      return { problem: error.message };
    }
    if (problems.length === 0) return true;
    const different = [...new Set(problems)];
    return { problem: different.length === 1 ? different[0]! : `[${different.join(', ')}]` };
  }
}
