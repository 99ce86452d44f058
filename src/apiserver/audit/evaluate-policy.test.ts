import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetOf } from '../request/target.ts';
import { policyEvaluator } from './evaluate-policy.ts';
import type { AuditRule } from './policy.ts';

const jane = { name: 'jane', groups: ['people', 'system:authenticated'] };
const core = (...resources: string[]) => [{ resources }];

const rows: readonly [what: string, rule: Omit<AuditRule, 'level'>, fits: string[], not: string[]][] = [
  ['everything', {}, ['GET /api/v1/pods', 'GET /livez'], []],
  ['a user', { users: ['jane'] }, ['GET /livez'], []],
  ['another user', { users: ['joe'] }, [], ['GET /livez']],
  ['a group', { userGroups: ['people'] }, ['GET /livez'], []],
  ['another group', { userGroups: ['animals'] }, [], ['GET /livez']],
  ['verbs', { verbs: ['list', 'watch'] }, ['GET /api/v1/pods', 'GET /api/v1/pods?watch=1'], ['POST /api/v1/pods']],
  [
    'a resource without its subresources',
    { resources: core('pods') },
    ['GET /api/v1/pods'],
    ['GET /api/v1/namespaces/a/pods/x/log', 'GET /apis/apps/v1/deployments', 'GET /livez'],
  ],
  ['a group of resources', { resources: [{ group: 'apps' }] }, ['GET /apis/apps/v1/deployments'], ['GET /api/v1/pods']],
  ['all groups', { resources: [{ group: '*' }] }, ['GET /apis/apps/v1/deployments', 'GET /api/v1/pods'], ['GET /api']],
  [
    'all subresources of a resource',
    { resources: core('pods/*') },
    ['GET /api/v1/namespaces/a/pods/x/log', 'GET /api/v1/pods'],
    ['GET /api/v1/namespaces/a/services/x/status'],
  ],
  [
    'one subresource of all',
    { resources: core('*/status') },
    ['GET /api/v1/namespaces/a/pods/x/status'],
    ['GET /api/v1/namespaces/a/pods/x', 'GET /api/v1/namespaces/a/pods/x/log'],
  ],
  [
    'names',
    { resources: [{ resources: ['pods'], resourceNames: ['x'] }] },
    ['GET /api/v1/namespaces/a/pods/x', 'GET /api/v1/namespaces/a/pods?fieldSelector=metadata.name=x'],
    ['GET /api/v1/namespaces/a/pods/y', 'GET /api/v1/pods'],
  ],
  [
    'namespaces',
    { namespaces: ['a', ''] },
    ['GET /api/v1/namespaces/a/pods', 'GET /api/v1/nodes'],
    ['GET /api/v1/namespaces/b/pods', 'GET /livez'],
  ],
  [
    'paths',
    { nonResourceURLs: ['/livez', '/openapi*'] },
    ['GET /livez', 'GET /openapi/v3'],
    ['GET /livez/etcd', 'GET /api/v1/pods'],
  ],
];

for (const [what, rule, fits, not] of rows)
  test(`a rule that names ${what}`, () => {
    const evaluate = policyEvaluator({ rules: [{ level: 'Metadata', ...rule }] });
    const levelOf = (line: string) => evaluate(jane, targetOf(...(line.split(' ') as [string, string]))).level;
    for (const line of fits) assert.equal(levelOf(line), 'Metadata', line);
    for (const line of not) assert.equal(levelOf(line), 'None', line);
  });

test('the first rule that fits counts, and stages of rule and policy are left out together', () => {
  const evaluate = policyEvaluator({
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'None', verbs: ['get'] },
      { level: 'Request', omitStages: ['Panic'], omitManagedFields: false },
    ],
  });
  assert.equal(evaluate(jane, targetOf('GET', '/livez')).level, 'None');
  const { level, omitted, omitsManagedFields } = evaluate(undefined, targetOf('POST', '/livez'));
  assert.deepEqual([level, [...omitted], omitsManagedFields], ['Request', ['RequestReceived', 'Panic'], false]);
});
