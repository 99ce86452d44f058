import type { Variable } from '../../../api/admissionregistration/v1/types.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import { wholeOf, type Steps } from '../../../base/in-steps.ts';
import { admissionEnvironment, variableDeclaration, type Scope } from '../../../cel/admission.ts';
import type { Declaration } from '../../../cel/declaration.ts';
import { reservedWords } from '../../../cel/escape.ts';
import type { Environment } from '../../../cel/environment.ts';
import { dynType } from '../../../cel/type.ts';
import type { Errors } from '../checks.ts';
import { compilingExpression, type CompiledExpression } from './expressions.ts';

const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

/** The named expressions of a policy: each sees those before it, the others see all. */
export class PolicyVariables {
  readonly #hasParams: boolean;
  readonly #declared = new Map<string, Declaration>();
  /** Whether `variables` can be named although there are none. */
  readonly #isAlwaysThere: boolean;
  readonly compiled = new Map<string, CompiledExpression | { readonly problem: string }>();

  constructor(hasParams: boolean, isAlwaysThere: boolean) {
    this.#hasParams = hasParams;
    this.#isAlwaysThere = isAlwaysThere;
  }

  /** The environment of an expression that comes after the variables that were added. */
  environment(
    scope: Partial<Scope> = {},
    rest?: Partial<Pick<Environment, 'newStruct' | 'types' | 'functions'>>,
  ): Environment {
    const variables = this.#isAlwaysThere || this.compiled.size > 0 ? this.#declared : undefined;
    return admissionEnvironment({ hasParams: this.#hasParams, hasAuthorizer: true, variables, ...scope }, rest);
  }

  /** Answers what is wrong with its expression, if anything; its type is not known then. */
  add(variable: Variable): string | undefined {
    return wholeOf(this.adding(variable));
  }

  /** The same in steps. */
  *adding({ name, expression }: Variable): Steps<string | undefined> {
    const compiled = yield* compilingExpression(
      expression,
      admissionEnvironment({ hasParams: this.#hasParams, hasAuthorizer: true, variables: this.#declared }),
    );
    this.compiled.set(name, compiled);
    this.#declared.set(name, variableDeclaration('problem' in compiled ? dynType : compiled.type));
    return 'problem' in compiled ? compiled.problem : undefined;
  }
}

export function* checkVariables(
  errors: Errors,
  variables: readonly Readonly<Variable>[],
  into: PolicyVariables,
): Steps<void> {
  for (const [i, variable] of variables.entries()) {
    const { name = '', expression = '' } = variable;
    const field = `spec.variables[${i}]`;
    if (name.trim() === '') errors.push(required(`${field}.name`, 'name is not specified'));
    else if (!identifier.test(name) || reservedWords.has(name))
      errors.push(invalid(`${field}.name`, name, 'must be a valid CEL identifier'));
    if (expression.trim() === '') {
      errors.push(required(`${field}.expression`, 'expression is not specified'));
      continue;
    }
    const problem = yield* into.adding(variable);
    if (problem !== undefined) errors.push(invalid(`${field}.expression`, expression, problem));
  }
}
