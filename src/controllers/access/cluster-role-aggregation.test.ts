import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterRole, PolicyRule } from '../../api/rbac/v1/types.ts';
import { gatheredRules } from './cluster-role-aggregation.ts';

const get = (resource: string): PolicyRule => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
const role = (name: string, labels: Record<string, string>, ...rules: PolicyRule[]): ClusterRole => ({
  metadata: { name, labels },
  rules,
});
const gathering = (...labels: Record<string, string>[]): ClusterRole => ({
  metadata: { name: 'sum', labels: { into: 'sum' } },
  aggregationRule: { clusterRoleSelectors: labels.map((matchLabels) => ({ matchLabels })) },
  rules: [get('old')],
});

test('rules come by selector and by name, each once, and none of the role itself', () => {
  const sum = gathering({ into: 'sum' }, { also: 'yes' });
  const all = [
    role('z', { into: 'sum' }, get('pods')),
    role('c', { also: 'yes' }, get('secrets'), get('pods')),
    role('b', { into: 'sum' }, get('nodes'), get('pods')),
    role('a', { into: 'other' }, get('events')),
    sum,
  ];
  assert.deepEqual(
    gatheredRules(sum, all).map(({ resources }) => resources![0]),
    ['nodes', 'pods', 'secrets'],
  );
});

test('a selector that nothing matches leaves no rules', () => {
  assert.deepEqual(gatheredRules(gathering({ into: 'nothing' }), [role('a', {}, get('pods'))]), []);
});
