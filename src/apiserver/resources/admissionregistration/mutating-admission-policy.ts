import {
  MutatingAdmissionPolicies,
  type MutatingAdmissionPolicy,
  type Mutation,
} from '../../../api/admissionregistration/v1/types.ts';
import { invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { wholeOf, type Steps } from '../../../base/in-steps.ts';
import { applyConfigurationType, jsonPatchType, mutations as withMutations } from '../../../cel/mutation.ts';
import type { Type } from '../../../cel/type.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { compilingExpression, type CompiledExpression } from './expressions.ts';
import { fillMatchResources, paramKindCell } from './match-resources.ts';
import { checkPolicy } from './policy.ts';
import { checkVariables, PolicyVariables } from './policy-variables.ts';

const patchTypes = ['ApplyConfiguration', 'JSONPatch'];
const reinvocationPolicies = ['IfNeeded', 'Never'];
/** Nothing is left of a deleted object that could be changed. */
const operations = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** Expressions that may change what is written (KEP-3962). */
export const mutatingAdmissionPolicy: ResourceDefinition<MutatingAdmissionPolicy> = {
  type: MutatingAdmissionPolicies,

  strategy: {
    allowUnconditionalUpdate: false,
    hasGeneration: true,

    defaults({ spec }) {
      if (!spec) return;
      spec.failurePolicy ??= 'Fail';
      fillMatchResources(spec.matchConstraints);
    },

    *validateRules({ spec }, old) {
      const errors: Errors = [];
      const { matchConstraints, paramKind, variables = [], mutations = [], reinvocationPolicy } = spec ?? {};
      yield* checkPolicy(errors, spec ?? {}, old?.spec);
      for (const operation of matchConstraints?.resourceRules?.flatMap((rule) => rule.operations ?? []) ?? [])
        if (operation === 'DELETE')
          errors.push(notSupported('spec.matchConstraints.resourceRules.operations', operation, operations));
      const compiled = new PolicyVariables(paramKind !== undefined, true);
      yield* checkVariables(errors, variables, compiled);
      if (mutations.length === 0) errors.push(required('spec.mutations', 'mutations must contain at least one item'));
      for (const [i, mutation] of mutations.entries())
        yield* checkMutation(errors, mutation, `spec.mutations[${i}]`, compiled);
      if (!reinvocationPolicy) errors.push(required('spec.reinvocationPolicy'));
      else if (!reinvocationPolicies.includes(reinvocationPolicy))
        errors.push(notSupported('spec.reinvocationPolicy', reinvocationPolicy, reinvocationPolicies));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.spec?.mutations?.length ?? 0,
      paramKindCell(object.spec?.paramKind),
      ageOf(object, now),
    ],
  },
};

const kinds = {
  ApplyConfiguration: { member: 'applyConfiguration', other: 'jsonPatch', type: applyConfigurationType },
  JSONPatch: { member: 'jsonPatch', other: 'applyConfiguration', type: jsonPatchType },
} as const satisfies Record<string, { member: string; other: string; type: Type }>;

function* checkMutation(
  errors: Errors,
  mutation: Readonly<Mutation>,
  field: string,
  variables: PolicyVariables,
): Steps<void> {
  const { patchType } = mutation;
  if (!patchType) return void errors.push(required(`${field}.patchType`));
  if (!patchTypes.includes(patchType))
    return void errors.push(notSupported(`${field}.patchType`, patchType, patchTypes));
  const { member, other } = kinds[patchType];
  const given = mutation[member];
  const at = `${field}.${member}`;
  if (!given) errors.push(required(at, `must be specified when patchType is ${patchType}`));
  else if (!given.expression?.trim()) errors.push(required(`${at}.expression`));
  else {
    const compiled = yield* compilingMutation(mutation, variables);
    if ('problem' in compiled) errors.push(invalid(`${at}.expression`, given.expression, compiled.problem));
  }
  if (mutation[other])
    errors.push(invalid(`${field}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`));
}

/** The text of a mutation's expression. */
export function mutationText(mutation: Readonly<Mutation>): string {
  return mutation[kinds[mutation.patchType].member]?.expression ?? '';
}

/** Its expression, ready to be evaluated, or what is wrong with it. */
export function compiledMutation(
  mutation: Readonly<Mutation>,
  variables: PolicyVariables,
): CompiledExpression | { readonly problem: string } {
  return wholeOf(compilingMutation(mutation, variables));
}

function compilingMutation(
  mutation: Readonly<Mutation>,
  variables: PolicyVariables,
): Steps<CompiledExpression | { readonly problem: string }> {
  const { type } = kinds[mutation.patchType];
  return compilingExpression(mutationText(mutation), variables.environment({}, withMutations), [type]);
}
