import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { Structure } from '../../../apimachinery/structure.ts';
import { wholeOf } from '../../../base/in-steps.ts';
import { authorizerValue } from '../../../cel/library/authorizer.ts';
import { immediately } from '../../auth/immediately.ts';
import { CompiledMutatingPolicy } from './compiled-mutating-policy.ts';

test('what a mutation asks of an authorizer that has to be waited for is no fault of the mutation', async () => {
  const check = 'authorizer.group("").resource("secrets").check("get").allowed()';
  const expression = `[JSONPatch{op: "add", path: "/data", value: {"may": string(${check})}}]`;
  const policy = new CompiledMutatingPolicy({
    metadata: { name: 'p' },
    spec: { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }] },
  });
  const user = { name: 'ann', groups: [] };
  const metadata = { name: 'a' };
  const authorizer = { authorize: async () => ({ allowed: true, reason: '' }) as const };
  const made = await immediately(authorizer, (now) => {
    const authorize = authorizerValue((question) => {
      return { isAllowed: now.authorize({ user, ...question }).allowed, reason: '' };
    });
    const valuesOf = (object: KubeObject) => ({ object, authorizer: authorize });
    return wholeOf(policy.mutate({ metadata }, null, {} as Structure, valuesOf));
  });
  assert.deepEqual(made, { object: { metadata, data: { may: 'true' } }, problems: [] });
});
