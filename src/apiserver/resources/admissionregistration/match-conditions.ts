import type { MatchCondition } from '../../../api/admissionregistration/v1/types.ts';
import { qualifiedName } from '../../../apimachinery/names.ts';
import { duplicate, invalid, required, tooMany } from '../../../apimachinery/validation.ts';
import { wholeOf, type Steps } from '../../../base/in-steps.ts';
import { admissionEnvironment } from '../../../cel/admission.ts';
import type { Environment } from '../../../cel/environment.ts';
import type { Program } from '../../../cel/program.ts';
import { boolType } from '../../../cel/type.ts';
import type { Errors } from '../checks.ts';
import { compilingExpression } from './expressions.ts';

const mostConditions = 64;

const environment = admissionEnvironment({ hasParams: false, hasAuthorizer: true });
const withParams = admissionEnvironment({ hasParams: true, hasAuthorizer: true });

/** The expression of a condition, ready to be asked; or what is wrong with it. */
export function conditionProgram(expression: string, hasParams = false): Program | { readonly problem: string } {
  return wholeOf(compilingCondition(expression, hasParams));
}

function* compilingCondition(expression: string, hasParams: boolean): Steps<Program | { readonly problem: string }> {
  const own: Environment = hasParams ? withParams : environment;
  const compiled = yield* compilingExpression(expression, own, [boolType]);
  return 'problem' in compiled ? compiled : compiled.program;
}

/** The conditions under which a webhook or a policy is asked at all (KEP-3716). */
export function* checkMatchConditions(
  errors: Errors,
  conditions: readonly MatchCondition[],
  field: string,
  hasParams = false,
): Steps<void> {
  if (conditions.length > mostConditions) errors.push(tooMany(field, conditions.length, mostConditions));
  const seen = new Set<string>();
  for (const [i, { name, expression }] of conditions.entries()) {
    const at = `${field}[${i}]`;
    const text = expression?.trim() ?? '';
    if (text === '') errors.push(required(`${at}.expression`));
    else {
      const program = yield* compilingCondition(text, hasParams);
      if ('problem' in program) errors.push(invalid(`${at}.expression`, text, program.problem));
    }
    if (!name) {
      errors.push(required(`${at}.name`));
      continue;
    }
    for (const problem of qualifiedName(name)) errors.push(invalid(`${at}.name`, name, problem));
    if (seen.has(name)) errors.push(duplicate(`${at}.name`, name));
    seen.add(name);
  }
}
