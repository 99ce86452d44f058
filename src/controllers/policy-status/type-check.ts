import type {
  ExpressionWarning,
  ValidatingAdmissionPolicySpec,
  Variable,
} from '../../api/admissionregistration/v1/types.ts';
import { byteLength } from '../../apimachinery/go-text.ts';
import type { Steps } from '../../base/in-steps.ts';
import { admissionEnvironment, variableDeclaration, type Scope } from '../../cel/admission.ts';
import type { Declaration } from '../../cel/declaration.ts';
import type { Environment } from '../../cel/environment.ts';
import { compile } from '../../cel/program.ts';
import { dynType } from '../../cel/type.ts';

/** A kind of which the objects of a policy may be. */
export interface CheckedKind {
  /** As warnings name it: `apps/v1, Kind=Deployment`. */
  readonly text: string;
  readonly declaration: Declaration | undefined;
}

/** Bytes of all warnings of a policy; what comes behind them is left out, so that the status can be written. */
const mostBytes = 256 * 1024;
/** Letters of expressions that are read for a policy, once for each kind: what is more is not looked at. */
const mostLetters = 4 * 1024 * 1024;

/**
 * What is wrong with a policy's validations and their messages where its objects are of these kinds and its parameter, if
 * it has one, is of `params`. Of unknown variables anything may be said. (Kubernetes' documentation of
 * ValidatingAdmissionPolicy, "Type checking".)
 */
export function* typeWarnings(
  { paramKind, validations = [], variables = [] }: Readonly<ValidatingAdmissionPolicySpec>,
  kinds: Iterable<CheckedKind>,
  params?: Declaration,
): Steps<ExpressionWarning[]> {
  const scope = { hasParams: paramKind !== undefined, hasAuthorizer: true, hasRequestResource: false };
  const expressions = validations.flatMap(({ expression, messageExpression }, i) =>
    Object.entries({ expression, messageExpression }).flatMap(([name, text]) =>
      text ? [{ fieldRef: `spec.validations[${i}].${name}`, text, problems: [] as string[] }] : [],
    ),
  );
  let bytes = 0;
  let letters = 0;
  for (const { text: kind, declaration } of kinds) {
    yield;
    letters += [...variables.map((one) => one.expression), ...expressions.map(({ text }) => text)].join('').length;
    if (letters > mostLetters) break;
    const own = { ...scope, ...(declaration && { object: declaration }), ...(params && { params }) };
    const environment = yield* environmentWith(variables, own);
    for (const { text, problems } of expressions) {
      const { issues } = compile(text, environment);
      if (issues !== undefined && (bytes += byteLength(issues)) <= mostBytes) problems.push(`${kind}: ${issues}\n`);
      yield;
    }
  }
  return expressions.flatMap(({ fieldRef, problems }) =>
    problems.length === 0 ? [] : [{ fieldRef, warning: problems.join('\n') }],
  );
}

/** With the types of the variables, each of which sees those before it. */
function* environmentWith(variables: readonly Readonly<Variable>[], scope: Scope): Steps<Environment> {
  const declared = new Map<string, Declaration>();
  for (const { name, expression } of variables) {
    const compiled = compile(expression, admissionEnvironment({ ...scope, variables: declared }));
    declared.set(name, variableDeclaration(compiled.issues === undefined ? compiled.type : dynType));
    yield;
  }
  return admissionEnvironment({ ...scope, variables: declared });
}
