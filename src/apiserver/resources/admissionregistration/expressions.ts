import { wholeOf, type Steps } from '../../../base/in-steps.ts';
import type { Environment } from '../../../cel/environment.ts';
import { compiling, preparing, type Program } from '../../../cel/program.ts';
import type { Type } from '../../../cel/type.ts';

export interface CompiledExpression {
  readonly program: Program;
  readonly type: Type;
}

/** An expression ready to be evaluated, or what is wrong with it. Its result is of one of `types`; without them, of any. */
export function compiledExpression(
  expression: string,
  environment: Environment,
  types?: readonly Type[],
): CompiledExpression | { readonly problem: string } {
  return wholeOf(compilingExpression(expression, environment, types));
}

/** The same in steps. */
export function* compilingExpression(
  expression: string,
  environment: Environment,
  types?: readonly Type[],
): Steps<CompiledExpression | { readonly problem: string }> {
  const compiled = yield* compiling(expression, environment);
  yield;
  if (compiled.issues !== undefined) return { problem: `compilation failed: ${compiled.issues}` };
  const { type } = compiled;
  if (types !== undefined && !types.some((one) => one.equals(type))) {
    const wanted = types.length === 1 ? String(types[0]) : `one of [${types.map(({ name }) => name).join(' ')}]`;
    return { problem: `must evaluate to ${wanted} but got ${type}` };
  }
  const program = yield* preparing(compiled);
  return 'problem' in program ? { problem: `compilation failed: ${program.problem}` } : { program, type };
}
