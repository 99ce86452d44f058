import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValidatingWebhook } from '../../../api/admissionregistration/v1/types.ts';
import { lockOuts } from './lock-out.ts';

const rule = (group: string, resource: string, operation: 'CREATE' | 'UPDATE' | '*' = '*') => ({
  apiGroups: [group],
  apiVersions: ['*'],
  operations: [operation],
  resources: [resource],
});
const hook = (more: Partial<ValidatingWebhook>): ValidatingWebhook => ({
  name: 'hook.example.com',
  clientConfig: { service: { name: 'hook', namespace: 'hooks' } },
  rules: [rule('', 'pods')],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  ...more,
});
const labels = (name: string): Record<string, string> => (name === 'hooks' ? { team: 'red' } : {});
const pods =
  'webhooks[0]: when "hook.example.com" does not answer, no pods of its own namespace "hooks" can be created, so that it cannot come back by itself';
const leases =
  'webhooks[0]: when "hook.example.com" does not answer, nodes cannot renew their leases in "kube-node-lease", and count as lost';

const rows: readonly [name: string, webhook: Partial<ValidatingWebhook>, want: readonly string[]][] = [
  ['pods of its own namespace', {}, [pods]],
  ['everything', { rules: [rule('*', '*')] }, [pods, leases]],
  ['other kinds', { rules: [rule('apps', 'deployments')] }, []],
  ['what is updated only', { rules: [rule('', 'pods', 'UPDATE')] }, []],
  ['what nobody waits for', { failurePolicy: 'Ignore' }, []],
  ['a server elsewhere', { clientConfig: { url: 'https://hook.example.com/' } }, []],
  ['other namespaces', { namespaceSelector: { matchLabels: { team: 'blue' } } }, []],
  ['its own by label', { namespaceSelector: { matchLabels: { team: 'red' } } }, [pods]],
  [
    'its own left out by name',
    {
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['hooks'] }],
      },
    },
    [],
  ],
  ['some objects', { objectSelector: { matchLabels: { a: 'b' } } }, []],
  ['what its conditions say', { matchConditions: [{ name: 'a', expression: 'true' }] }, []],
];
for (const [name, webhook, want] of rows)
  test(`a webhook may lock the cluster out, or not: ${name}`, () =>
    assert.deepEqual(lockOuts([hook(webhook)], labels), want));
