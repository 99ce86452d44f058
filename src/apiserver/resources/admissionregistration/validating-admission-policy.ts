import {
  ValidatingAdmissionPolicies,
  type AuditAnnotation,
  type ValidatingAdmissionPolicy,
  type Validation,
} from '../../../api/admissionregistration/v1/types.ts';
import { qualifiedName } from '../../../apimachinery/names.ts';
import { duplicate, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import type { Steps } from '../../../base/in-steps.ts';
import type { Environment } from '../../../cel/environment.ts';
import { boolType, nullType, stringType, type Type } from '../../../cel/type.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complain, type Errors } from '../checks.ts';
import { checkMetaConditions } from '../meta-conditions.ts';
import { compilingExpression } from './expressions.ts';
import { fillMatchResources, paramKindCell } from './match-resources.ts';
import { checkPolicy } from './policy.ts';
import { checkVariables, PolicyVariables } from './policy-variables.ts';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const nothingToDo = 'validations or auditAnnotations must contain at least one item';
const mostAnnotations = 20;
/** Letters of the expression of an annotation. */
const longestAnnotation = 5 * 1024;

/** What its expressions may come to. */
export const resultTypes = {
  validation: [boolType],
  message: [stringType],
  annotation: [stringType, nullType],
} satisfies Record<string, readonly Type[]>;

/** Expressions that may refuse what is written (KEP-3488). */
export const validatingAdmissionPolicy: ResourceDefinition<ValidatingAdmissionPolicy> = {
  type: ValidatingAdmissionPolicies,

  strategy: {
    allowUnconditionalUpdate: false,
    defaults(draft) {
      const { spec } = draft;
      if (!spec) return;
      spec.failurePolicy ??= 'Fail';
      fillMatchResources(spec.matchConstraints);
    },

    prepareForCreate(draft) {
      draft.status = {};
    },

    *validateRules({ metadata, spec }, old) {
      const errors: Errors = [];
      yield* checkPolicy(errors, spec ?? {}, old?.spec);
      const { paramKind, variables = [], validations = [], auditAnnotations = [] } = spec ?? {};
      const compiled = new PolicyVariables(paramKind !== undefined, false);
      yield* checkVariables(errors, variables, compiled);
      if (validations.length === 0 && auditAnnotations.length === 0)
        errors.push(required('spec.validations', nothingToDo), required('spec.auditAnnotations', nothingToDo));
      for (const [i, validation] of validations.entries())
        yield* checkValidation(errors, validation, `spec.validations[${i}]`, compiled);
      yield* checkAnnotations(errors, auditAnnotations, metadata.name, compiled);
      return errors;
    },

    status: {
      validate({ status }) {
        const errors: Errors = [];
        status?.typeChecking?.expressionWarnings?.forEach(({ fieldRef = '', warning = '' }, i) => {
          const field = `status.typeChecking.expressionWarnings[${i}]`;
          if (warning === '') errors.push(required(`${field}.warning`));
          if (fieldRef.trim() === '') errors.push(required(`${field}.fieldRef`));
        });
        checkMetaConditions(errors, status?.conditions, 'status.conditions');
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.spec?.validations?.length ?? 0,
      paramKindCell(object.spec?.paramKind),
      ageOf(object, now),
    ],
  },
};

function* checkValidation(
  errors: Errors,
  validation: Readonly<Validation>,
  field: string,
  variables: PolicyVariables,
): Steps<void> {
  const { expression = '', message = '', messageExpression = '', reason } = validation;
  if (expression.trim() === '') errors.push(required(`${field}.expression`, 'expression is not specified'));
  else
    yield* checkExpression(errors, expression, `${field}.expression`, variables.environment(), resultTypes.validation);
  const at = `${field}.messageExpression`;
  if (messageExpression.trim() !== '')
    yield* checkExpression(
      errors,
      messageExpression,
      at,
      variables.environment({ hasAuthorizer: false }),
      resultTypes.message,
    );
  else if (messageExpression !== '') errors.push(invalid(at, messageExpression, 'must be non-empty if specified'));
  if (message !== '' && message.trim() === '')
    errors.push(invalid(`${field}.message`, message, 'must be non-empty if specified'));
  else if (/[\n\r]/.test(message.trim()))
    errors.push(invalid(`${field}.message`, message, 'must not contain line breaks'));
  if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(`${field}.reason`, reason, reasons));
}

function* checkExpression(
  errors: Errors,
  text: string,
  field: string,
  environment: Environment,
  types: readonly Type[],
): Steps<void> {
  const compiled = yield* compilingExpression(text, environment, types);
  if ('problem' in compiled) errors.push(invalid(field, text, compiled.problem));
}

function* checkAnnotations(
  errors: Errors,
  annotations: readonly Readonly<AuditAnnotation>[],
  policy: string | undefined,
  variables: PolicyVariables,
): Steps<void> {
  const field = 'spec.auditAnnotations';
  if (annotations.length > mostAnnotations) {
    // As Kubernetes' own fields are called inside.
    const shown = annotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression }));
    errors.push(invalid(field, shown, `must not have more than ${mostAnnotations} auditAnnotations`));
  }
  const keys = new Set<string>();
  for (const [i, { key = '', valueExpression = '' }] of annotations.entries()) {
    const at = `${field}[${i}]`;
    if (policy) complain(errors, `${at}.key`, `${policy}/${key}`, qualifiedName(`${policy}/${key}`));
    else errors.push(invalid(`${at}.key`, key, 'requires metadata.name be non-empty'));
    yield* checkAnnotation(errors, valueExpression, `${at}.valueExpression`, variables);
    if (keys.has(key)) errors.push(duplicate(`${at}.key`, key));
    keys.add(key);
  }
}

function* checkAnnotation(errors: Errors, expression: string, field: string, variables: PolicyVariables): Steps<void> {
  const trimmed = expression.trim();
  if (trimmed === '') return void errors.push(required(field, 'valueExpression is not specified'));
  if (Buffer.byteLength(trimmed) > longestAnnotation)
    return void errors.push(required(field, `must not exceed ${longestAnnotation} bytes in length`));
  const compiled = yield* compilingExpression(trimmed, variables.environment(), resultTypes.annotation);
  if ('problem' in compiled) errors.push(invalid(field, expression, compiled.problem));
}
