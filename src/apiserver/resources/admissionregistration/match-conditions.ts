import type { MatchCondition } from '../../../api/admissionregistration/v1/types.ts';
import { qualifiedName } from '../../../apimachinery/names.ts';
import { duplicate, invalid, required, tooMany } from '../../../apimachinery/validation.ts';
import { compile, prepare, type Program } from '../../../cel/program.ts';
import { kubernetesEnvironment } from '../../../cel/environment.ts';
import { boolType, dynType } from '../../../cel/type.ts';
import type { Errors } from '../checks.ts';

const mostConditions = 64;

const environment = kubernetesEnvironment({ object: dynType, oldObject: dynType, request: dynType });

/** The expression of a condition, ready to be asked; or what is wrong with it. */
export function conditionProgram(expression: string): Program | { readonly problem: string } {
  const compiled = compile(expression, environment);
  if (compiled.issues !== undefined) return { problem: `compilation failed: ${compiled.issues}` };
  if (compiled.type !== boolType && compiled.type !== dynType)
    return { problem: `must evaluate to bool but got ${compiled.type.name}` };
  const program = prepare(compiled);
  return 'problem' in program ? { problem: `compilation failed: ${program.problem}` } : program;
}

/** The conditions under which a webhook is asked at all (KEP-3716). */
export function checkMatchConditions(errors: Errors, conditions: readonly MatchCondition[], field: string): void {
  if (conditions.length > mostConditions) return void errors.push(tooMany(field, conditions.length, mostConditions));
  const seen = new Set<string>();
  conditions.forEach(({ name, expression }, i) => {
    const at = `${field}[${i}]`;
    const text = expression?.trim() ?? '';
    if (text === '') errors.push(required(`${at}.expression`));
    else {
      const program = conditionProgram(text);
      if ('problem' in program) errors.push(invalid(`${at}.expression`, expression, program.problem));
    }
    if (!name) return void errors.push(required(`${at}.name`));
    for (const problem of qualifiedName(name)) errors.push(invalid(`${at}.name`, name, problem));
    if (seen.has(name)) errors.push(duplicate(`${at}.name`, name));
    seen.add(name);
  });
}
