import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuleWithOperations } from '../../api/admissionregistration/v1/types.ts';
import { servedResources } from '../../api/resources.ts';
import { kindsToCheck, kindText } from './kinds-to-check.ts';

const rule = (apiGroups: string[], apiVersions: string[], ...names: string[]): RuleWithOperations => {
  return { apiGroups, apiVersions, resources: names };
};
const workloads = ['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'controllerrevisions'];
const core = ['pods', 'configmaps', 'secrets', 'services', 'nodes', 'namespaces', 'endpoints', 'limitranges'];

const rows: readonly (readonly [what: string, rules: RuleWithOperations[], kinds: string])[] = [
  ['nothing', [], ''],
  ['one resource', [rule(['apps'], ['v1'], 'deployments')], 'apps/v1, Kind=Deployment'],
  ['a wildcard among groups', [rule(['*'], ['v1'], 'pods')], ''],
  ['a wildcard among versions', [rule([''], ['v1', '*'], 'pods')], ''],
  ['a wildcard among resources', [rule([''], ['v1'], '*', 'pods', '*/*')], '/v1, Kind=Pod'],
  ['a subresource', [rule([''], ['v1'], 'pods/status')], ''],
  ['what nobody serves', [rule([''], ['v1', 'v7'], 'unicorns')], ''],
  ['one object, in capitals', [rule([''], ['v1'], 'Pod')], '/v1, Kind=Pod'],
  [
    'no group, where others have the name too',
    [rule([''], ['v1'], 'events')],
    '/v1, Kind=Event; events.k8s.io/v1, Kind=Event',
  ],
  ['the same twice', [rule(['apps', ''], ['v1'], 'deployments')], 'apps/v1, Kind=Deployment'],
  [
    'two rules, by group and version',
    [rule(['autoscaling'], ['v2', 'v1'], 'horizontalpodautoscalers'), rule([''], ['v1'], 'pods')],
    '/v1, Kind=Pod; autoscaling/v1, Kind=HorizontalPodAutoscaler; autoscaling/v2, Kind=HorizontalPodAutoscaler',
  ],
];

for (const [what, rules, kinds] of rows)
  test(`kinds to check of rules with ${what}`, () => {
    assert.equal(
      kindsToCheck(rules, servedResources)
        .map(({ type }) => kindText(type))
        .join('; '),
      kinds,
    );
  });

test('of a rule ten kinds are checked, by their names, and of the rules behind it none', () => {
  const kinds = kindsToCheck(
    [rule(['', 'apps'], ['v1'], ...core, ...workloads), rule(['batch'], ['v1'], 'jobs')],
    servedResources,
  );
  assert.deepEqual(
    kinds.map(({ type }) => type.kind),
    [
      'ConfigMap',
      'Endpoints',
      'LimitRange',
      'Namespace',
      'Node',
      'Pod',
      'ControllerRevision',
      'DaemonSet',
      'Deployment',
      'ReplicaSet',
    ],
  );
});
