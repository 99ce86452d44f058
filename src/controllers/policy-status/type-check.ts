import type {
  ExpressionWarning,
  ValidatingAdmissionPolicySpec,
  Variable,
} from '../../api/admissionregistration/v1/types.ts';
import { byteLength } from '../../apimachinery/go-text.ts';
import type { Work } from '../../base/work.ts';
import { admissionEnvironment, variableType, type Scope } from '../../cel/admission.ts';
import type { Declaration } from '../../cel/declaration.ts';
import type { Environment } from '../../cel/environment.ts';
import { compile } from '../../cel/program.ts';
import { dynType, type Type } from '../../cel/type.ts';

/** A kind of which the objects of a policy may be. */
export interface CheckedKind {
  /** As warnings name it: `apps/v1, Kind=Deployment`. */
  readonly text: string;
  readonly declaration: Declaration | undefined;
}

/** Bytes of all warnings of a policy; what comes behind them is left out, so that the status can be written. */
const mostBytes = 256 * 1024;

/**
 * What is wrong with a policy's validations and their messages where its objects are of these kinds and its parameter, if
 * it has one, is of `params`. Of unknown variables anything may be said. (Kubernetes' documentation of
 * ValidatingAdmissionPolicy, "Type checking".)
 */
export function* typeWarnings(
  { paramKind, validations = [], variables = [] }: Readonly<ValidatingAdmissionPolicySpec>,
  kinds: readonly CheckedKind[],
  params?: Declaration,
): Work<ExpressionWarning[]> {
  const scope = { hasParams: paramKind !== undefined, hasAuthorizer: true, hasRequestResource: false };
  const environments: { readonly text: string; readonly environment: Environment }[] = [];
  for (const { text, declaration } of kinds) {
    const own = { ...scope, ...(declaration && { object: declaration }), ...(params && { params }) };
    environments.push({ text, environment: yield* environmentWith(variables, own) });
  }
  const warnings: ExpressionWarning[] = [];
  let bytes = 0;
  for (const [i, { expression, messageExpression }] of validations.entries())
    for (const [name, text] of Object.entries({ expression, messageExpression })) {
      if (!text) continue;
      const problems: string[] = [];
      for (const { text: kind, environment } of environments) {
        const { issues } = compile(text, environment);
        if (issues !== undefined && (bytes += byteLength(issues)) <= mostBytes) problems.push(`${kind}: ${issues}\n`);
        yield;
      }
      if (problems.length > 0)
        warnings.push({ fieldRef: `spec.validations[${i}].${name}`, warning: problems.join('\n') });
    }
  return warnings;
}

/** With the types of the variables, each of which sees those before it. */
function* environmentWith(variables: readonly Readonly<Variable>[], scope: Scope): Work<Environment> {
  const types = new Map<string, Type>();
  for (const { name, expression } of variables) {
    const compiled = compile(expression, admissionEnvironment({ ...scope, variables: types }));
    types.set(name, compiled.issues === undefined ? variableType(compiled.type) : dynType);
    yield;
  }
  return admissionEnvironment({ ...scope, variables: types });
}
