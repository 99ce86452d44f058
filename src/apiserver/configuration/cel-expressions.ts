import { duplicate, invalid, required, type FieldError } from '../../apimachinery/validation.ts';
import type { Environment } from '../../cel/environment.ts';
import { compile, prepare, type Compiled, type Program } from '../../cel/program.ts';
import type { Type } from '../../cel/type.ts';

/** An expression of a configuration, ready to be evaluated. */
export interface ConfiguredExpression {
  readonly text: string;
  readonly program: Program;
  readonly compiled: Compiled;
}

/**
 * Makes an expression ready whose result is of the type (of any without one); what is wrong with it goes to the errors.
 * `saysFound`: what it is instead, too.
 */
export function configuredExpression(
  text: string,
  environment: Environment,
  {
    field,
    type,
    errors,
    saysFound = false,
  }: { readonly field: string; readonly type?: Type; readonly errors: FieldError[]; readonly saysFound?: boolean },
): ConfiguredExpression | undefined {
  const refuse = (why: string): undefined => void errors.push(invalid(field, text, why));
  const compiled = compile(text, environment);
  if (compiled.issues !== undefined) return refuse(`compilation failed: ${compiled.issues}`);
  if (type !== undefined && !type.equals(compiled.type))
    return refuse(`must evaluate to ${type}${saysFound ? ` but got ${compiled.type}` : ''}`);
  const program = prepare(compiled);
  if ('problem' in program) return refuse(`program instantiation failed: ${program.problem}`);
  return { text, program, compiled };
}

/** Whether the text is there and has not been seen; tells what is wrong otherwise. */
export function isNewExpression(text: string, seen: Set<string>, field: string, errors: FieldError[]): boolean {
  if (text.trim() === '') errors.push(required(field));
  else if (seen.has(text)) errors.push(duplicate(field, text));
  else {
    seen.add(text);
    return true;
  }
  return false;
}
