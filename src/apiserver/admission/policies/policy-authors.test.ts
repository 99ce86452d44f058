import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  MutatingAdmissionPolicyBindings,
  ValidatingAdmissionPolicies,
  ValidatingAdmissionPolicyBindings,
} from '../../../api/admissionregistration/v1/types.ts';
import { ConfigMaps } from '../../../api/core/v1/types.ts';
import { StatusError } from '../../../apimachinery/status.ts';
import type { Attributes } from '../../auth/auth.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { ObjectVersions } from '../object-versions.ts';
import { policyAuthors } from './policy-authors.ts';

const versions = {
  ofKind: (apiVersion: string, kind: string) => (apiVersion === 'v1' && kind === 'ConfigMap' ? ConfigMaps : undefined),
} as ObjectVersions;
const maps = { apiVersion: 'v1', kind: 'ConfigMap' };
const known = { metadata: { name: 'known' }, spec: { paramKind: maps } };
const odd = { metadata: { name: 'odd' }, spec: { paramKind: { apiVersion: 'example.com/v1', kind: 'Odd' } } };
const context = {
  lookup: (_type: unknown, { name }: { name: string }) => [known, odd].find((one) => one.metadata.name === name),
} as unknown as ServerContext;
const alice = { name: 'alice', groups: ['devs', 'system:authenticated'] };
const who = '&{alice  [devs system:authenticated] map[]}';

/** What is refused, and what right was asked for. */
async function outcome(request: Partial<AdmissionRequest> & Pick<AdmissionRequest, 'type'>, allowed = false) {
  const asked: string[] = [];
  const authorizer = {
    authorize({ verb, group, version, resource, namespace, name }: Attributes) {
      asked.push([verb, group, version, resource, namespace, name].join(' '));
      return allowed ? { allowed, reason: '' } : { allowed: false as const, denied: false, reason: '' };
    },
  };
  const base = { operation: 'CREATE' as const, name: 'it', user: alice, dryRun: false, warn() {}, annotate() {} };
  try {
    await policyAuthors(authorizer, versions).validate!({ ...base, ...request }, context);
    return { asked };
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return { asked, refusal: error.status.details?.causes?.map(({ field, message }) => `${field}: ${message}`)[0] };
  }
}

const policy = (paramKind?: object) => ({ metadata: { name: 'it' }, spec: { paramKind } });
const binding = (policyName: string, paramRef?: object) => ({
  metadata: { name: 'it' },
  spec: { policyName, paramRef },
});

test('a policy with parameters is written by who may read all of them', async () => {
  const type = ValidatingAdmissionPolicies;
  assert.deepEqual(await outcome({ type, object: policy(maps) }), {
    asked: ['get  v1 configmaps * *'],
    refusal: `spec.paramKind: Forbidden: user ${who} must have "get" permission on all objects of the referenced paramKind (kind=ConfigMap, apiVersion=v1)`,
  });
  assert.deepEqual((await outcome({ type, object: policy(maps) }, true)).refusal, undefined);
  assert.deepEqual((await outcome({ type, object: policy() })).asked, []);
});

test('what was there before may stay, and masters may do everything', async () => {
  const type = ValidatingAdmissionPolicies;
  const same = { type, operation: 'UPDATE' as const, object: policy(maps), old: policy(maps) };
  assert.deepEqual((await outcome(same)).asked, []);
  assert.deepEqual((await outcome({ ...same, old: policy() })).asked.length, 1);
  const master = { name: 'root', groups: ['system:masters'] };
  assert.deepEqual((await outcome({ type, object: policy(maps), user: master })).asked, []);
});

test('a binding is written by who may read what it names', async () => {
  const type = ValidatingAdmissionPolicyBindings;
  assert.deepEqual(await outcome({ type, object: binding('known', { name: 'one', namespace: 'shop' }) }), {
    asked: ['get  v1 configmaps shop one'],
    refusal: `spec.paramRef: Forbidden: user ${who} does not have "get" permission on the object referenced by paramRef`,
  });
  assert.deepEqual((await outcome({ type, object: binding('known', { selector: {} }) })).asked, [
    'list  v1 configmaps  ',
  ]);
  assert.match(
    (await outcome({ type: MutatingAdmissionPolicyBindings, object: binding('known', { name: 'one' }) })).refusal ?? '',
    /user get does not have "&\{alice/,
  );
  const rights = `to determine minimum required permissions and user ${who} does not have "get" permission for all groups, versions and resources`;
  assert.deepEqual(await outcome({ type, object: binding('none', { name: 'one' }) }), {
    asked: ['get * * *  one'],
    refusal: `spec.paramRef: Forbidden: unable to get policy none ${rights}`,
  });
  assert.deepEqual(await outcome({ type, object: binding('odd', { name: 'one' }) }), {
    asked: ['get example.com v1 *  one'],
    refusal: `spec.paramRef: Forbidden: unable to resolve paramKind &ParamKind{APIVersion:example.com/v1,Kind:Odd,} ${rights}`,
  });
});
