import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  ValidatingAdmissionPolicies,
  type ValidatingAdmissionPolicy,
  type ValidatingAdmissionPolicySpec,
} from '../../../src/api/admissionregistration/v1/types.ts';
import { CustomResourceDefinitions, type CustomResourceDefinition } from '../../../src/api/apiextensions/v1/types.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';

/** What Kubernetes 1.36.3 wrote into the status of policies. Types of objects have numbers behind their names there. */
interface Recording {
  readonly definition: CustomResourceDefinition;
  readonly cases: readonly (Omit<ValidatingAdmissionPolicySpec, 'matchConstraints'> & {
    readonly rules: readonly (readonly [groups: string[], versions: string[], resources: string[]])[];
    readonly warnings: readonly (readonly [fieldRef: string, warning: string])[];
  })[];
}

const { definition, cases }: Recording = JSON.parse(
  readFileSync(new URL('policy-status.json', import.meta.url), 'utf8'),
);
let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster({ nodes: 0 });
  await cluster.client.create(CustomResourceDefinitions, definition);
  await cluster.clock.settle();
});
after(() => cluster[Symbol.asyncDispose]());

/** The policy when the controller has looked at it. */
async function checked(name: string, spec: ValidatingAdmissionPolicySpec): Promise<ValidatingAdmissionPolicy> {
  const { client, clock } = cluster;
  await client.create(ValidatingAdmissionPolicies, { metadata: { name }, spec });
  await clock.settle();
  return client.get(ValidatingAdmissionPolicies, { name });
}

const podsV1 = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE' as const] };

test('a policy is checked once for each change of it, and the status is applied', async () => {
  const { client, clock } = cluster;
  const spec = { matchConstraints: { resourceRules: [podsV1] }, validations: [{ expression: 'object.foo == 1' }] };
  const made = await checked('changed', spec);
  assert.equal(made.status?.typeChecking?.expressionWarnings?.length, 1);
  const { manager, operation, subresource, fieldsV1 } = made.metadata.managedFields![0]!;
  assert.deepEqual([manager, operation, subresource], ['validatingadmissionpolicy-status', 'Apply', 'status']);
  assert.deepEqual(fieldsV1, {
    'f:status': { 'f:observedGeneration': {}, 'f:typeChecking': { 'f:expressionWarnings': {} } },
  });

  await client.update(ValidatingAdmissionPolicies, { ...made, spec: { ...made.spec, failurePolicy: 'Ignore' } });
  await clock.settle();
  const changed = await client.get(ValidatingAdmissionPolicies, { name: 'changed' });
  assert.equal(changed.status?.observedGeneration, 2);

  const mended = { ...changed.spec, validations: [{ expression: 'object.spec.hostNetwork == true' }] };
  await client.update(ValidatingAdmissionPolicies, { ...changed, spec: mended });
  await clock.settle();
  const { status } = await client.get(ValidatingAdmissionPolicies, { name: 'changed' });
  assert.deepEqual(status, { observedGeneration: 3 });
});

test('warnings that are too many for an object are left out, and the status is written', async () => {
  const expression = `object.foo == '${'x'.repeat(9000)}'`;
  const validations = Array.from({ length: 100 }, () => ({ expression }));
  const resources = ['pods', 'secrets', 'nodes', 'services'];
  const matchConstraints = { resourceRules: [{ ...podsV1, resources }] };
  const { status } = await checked('loud', { matchConstraints, validations });
  const { expressionWarnings = [] } = status?.typeChecking ?? {};
  assert.equal(status?.observedGeneration, 1);
  // Of 9 KB each, for the first of four kinds.
  assert.equal(expressionWarnings.length, 28);
});

test('what is recorded of Kubernetes is said of each policy', async (t) => {
  const { client, clock } = cluster;
  for (const [at, { rules, warnings: _, ...rest }] of cases.entries()) {
    const resourceRules = rules.map(([apiGroups, apiVersions, resources]) => {
      return { ...podsV1, apiGroups, apiVersions, resources };
    });
    const spec = { ...rest, matchConstraints: { resourceRules } };
    await client.create(ValidatingAdmissionPolicies, { metadata: { name: `recorded-${at}` }, spec });
  }
  await clock.settle();
  for (const [at, { warnings, validations = [] }] of cases.entries())
    await t.test(validations.map(({ expression }) => expression).join(' and '), async () => {
      const { status } = await client.get(ValidatingAdmissionPolicies, { name: `recorded-${at}` });
      const { expressionWarnings = [] } = status?.typeChecking ?? {};
      const found = expressionWarnings.map(({ fieldRef, warning }) => [fieldRef, warning]);
      assert.deepEqual({ ...status, typeChecking: found }, { observedGeneration: 1, typeChecking: warnings });
    });
});
