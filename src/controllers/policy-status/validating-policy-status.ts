import {
  ValidatingAdmissionPolicies,
  type ParamKind,
  type ValidatingAdmissionPolicy,
} from '../../api/admissionregistration/v1/types.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import { apiVersionOf } from '../../apimachinery/resource-type.ts';
import { Turns } from '../../base/turns.ts';
import { inSteps } from '../../base/in-steps.ts';
import type { Declaration } from '../../cel/declaration.ts';
import { declarationOf } from '../../cel/schema.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import type { ServedResources } from '../served-resources.ts';
import { kindSchema } from './kind-schema.ts';
import { kindsToCheck, kindText } from './kinds-to-check.ts';
import { typeWarnings, type CheckedKind } from './type-check.ts';

const fieldManager = 'validatingadmissionpolicy-status';

/** Tells in a policy's status which of its expressions do not fit the kinds that it is asked about, once for each change. */
export function validatingPolicyStatus(served: ServedResources): Controller<ValidatingAdmissionPolicy> {
  return {
    name: 'validatingadmissionpolicy-status-controller',
    for: ValidatingAdmissionPolicies,

    async reconcile({ name }, cluster) {
      const policy = cluster.get(ValidatingAdmissionPolicies, { name });
      const generation = policy?.metadata.generation ?? 0;
      if (policy === undefined || generation <= (policy.status?.observedGeneration ?? 0)) return settled;
      const { matchConstraints, paramKind } = policy.spec;
      const known = served.current();
      const kinds = checkedKinds(kindsToCheck(matchConstraints?.resourceRules ?? [], known));
      const warnings = typeWarnings(policy.spec, kinds, declarationOfParameter(paramKind, known));
      const expressionWarnings = await inSteps(Turns.of(cluster.clock), warnings);
      const body = {
        apiVersion: apiVersionOf(ValidatingAdmissionPolicies),
        kind: ValidatingAdmissionPolicies.kind,
        metadata: { name },
        status: {
          observedGeneration: generation,
          typeChecking: expressionWarnings.length === 0 ? {} : { expressionWarnings },
        },
      };
      const options = { subresource: 'status', fieldManager, force: true };
      await cluster.client.patch(ValidatingAdmissionPolicies, { name }, { type: 'apply', body }, options);
      return settled;
    },
  };
}

/** One after the other: there may be many, and each may be large. */
function* checkedKinds(kinds: readonly ResourceFacts[]): Generator<CheckedKind> {
  for (const facts of kinds) {
    const schema = kindSchema(facts);
    if (schema === undefined) continue;
    yield { text: kindText(facts.type), declaration: declarationOf(schema, facts.type.kind, true) };
  }
}

function declarationOfParameter(
  paramKind: Readonly<ParamKind> | undefined,
  served: readonly ResourceFacts[],
): Declaration | undefined {
  const facts = served.find(
    ({ type }) => type.kind === paramKind?.kind && apiVersionOf(type) === paramKind?.apiVersion,
  );
  const schema = facts && kindSchema(facts);
  return schema && declarationOf(schema, facts.type.kind, true);
}
