import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowSchema } from '../../api/flowcontrol/v1/types.ts';
import { recorded } from '../bootstrap/recorded.ts';
import { targetOf } from '../request/target.ts';
import { FlowSchemaMatcher } from './flow-schemas.ts';

const schemas = recorded.flowSchemas.map(({ name, spec }) => ({ metadata: { name }, spec }) as FlowSchema);
const matcher = new FlowSchemaMatcher(schemas);
const everybody = 'system:authenticated';

for (const [who, groups, method, path, want] of [
  ['admin', ['system:masters'], 'GET', '/api/v1/pods', 'exempt'],
  ['jane', [], 'GET', '/api/v1/pods', 'global-default'],
  ['jane', [], 'GET', '/livez', 'probes'],
  ['jane', [], 'GET', '/livez/ping', 'global-default'],
  ['system:node:n', ['system:nodes'], 'PATCH', '/api/v1/nodes/n/status', 'system-node-high'],
  ['system:node:n', ['system:nodes'], 'GET', '/api/v1/pods', 'system-nodes'],
  ['system:serviceaccount:a:b', ['system:serviceaccounts'], 'GET', '/api/v1/pods', 'service-accounts'],
  [
    'system:serviceaccount:kube-system:generic-garbage-collector',
    [],
    'GET',
    '/api/v1/pods',
    'kube-system-service-accounts',
  ],
  [
    'system:kube-scheduler',
    [],
    'PUT',
    '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler',
    'system-leader-election',
  ],
  ['system:kube-scheduler', [], 'GET', '/api/v1/pods', 'kube-scheduler'],
] as const)
  test(`${who}'s ${method} of ${path} belongs to ${want}`, () => {
    const user = { name: who, groups: [...groups, everybody] };
    assert.equal(matcher.match(user, targetOf(method, path))?.metadata.name, want);
  });

test('a rule for all accounts of a namespace is for no others, and one without cluster scope for namespaces only', () => {
  const schema = {
    metadata: { name: 'a' },
    spec: {
      priorityLevelConfiguration: { name: 'x' },
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: '*' } }],
          resourceRules: [{ verbs: ['list'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] }],
        },
      ],
    },
  } as FlowSchema;
  const only = new FlowSchemaMatcher([schema]);
  const is = (namespace: string, path: string): boolean =>
    only.match({ name: `system:serviceaccount:${namespace}:x`, groups: [] }, targetOf('GET', path)) !== undefined;
  assert.equal(is('a', '/api/v1/namespaces/b/pods'), true);
  assert.equal(is('b', '/api/v1/namespaces/b/pods'), false);
  assert.equal(is('a', '/api/v1/pods'), false);
  assert.equal(is('a', '/api/v1/namespaces/b/pods/x'), false);
});
