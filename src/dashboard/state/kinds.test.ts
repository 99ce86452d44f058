import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindsIn, titleOf, type DiscoveryDocument } from './kinds.ts';

const all = ['get', 'list', 'watch'];
const resource = (
  name: string,
  kind: string,
  verbs: readonly string[] = all,
  scope: 'Namespaced' | 'Cluster' = 'Namespaced',
) => ({
  resource: name,
  responseKind: { kind },
  singularResource: kind.toLowerCase(),
  scope,
  verbs,
});
const group = (name: string, versions: Readonly<Record<string, readonly ReturnType<typeof resource>[]>>) => ({
  metadata: { name },
  versions: Object.entries(versions).map(([version, resources]) => ({ version, resources })),
});
const ids = (...documents: DiscoveryDocument[]) => kindsIn(...documents).map(({ id, section }) => `${section}: ${id}`);

test('a kind has the names, the scope and the version that discovery tells', () => {
  const [kind] = kindsIn({ items: [group('apps', { v1: [resource('deployments', 'Deployment')] })] });
  assert.deepEqual(kind, {
    id: 'deployments.apps',
    type: {
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      resource: 'deployments',
      singular: 'deployment',
      namespaced: true,
      definition: '',
    },
    isWatchable: true,
    section: 'Workloads',
  });
});

test('kinds come by section, those of others last, by their groups', () => {
  const core = {
    items: [
      {
        metadata: {},
        versions: [{ version: 'v1', resources: [resource('pods', 'Pod'), resource('nodes', 'Node', all, 'Cluster')] }],
      },
    ],
  };
  const others = {
    items: [
      group('shop.example', { v1: [resource('orders', 'Order')] }),
      group('storage.k8s.io', { v1: [resource('storageclasses', 'StorageClass')] }),
      group('metrics.k8s.io', { v1: [resource('pods', 'PodMetrics', ['get', 'list'])] }),
    ],
  };
  assert.deepEqual(ids(core, others), [
    'Workloads: pods',
    'Storage: storageclasses.storage.k8s.io',
    'Cluster: nodes',
    'Cluster: pods.metrics.k8s.io',
    'shop.example: orders.shop.example',
  ]);
});

test('a kind in several versions is there once, in the first; one of an old version alone is there too', () => {
  const versions = { v2: [resource('a', 'A')], v1: [resource('a', 'A'), resource('b', 'B')] };
  const kinds = kindsIn({ items: [group('x.example', versions)] });
  assert.deepEqual(
    kinds.map(({ type }) => `${type.resource} ${type.version}`),
    ['a v2', 'b v1'],
  );
});

test('what cannot be listed is left out; what cannot be watched says so', () => {
  const resources = [resource('reviews', 'Review', ['create']), resource('samples', 'Sample', ['list'])];
  const kinds = kindsIn({ items: [group('x.example', { v1: resources })] });
  assert.deepEqual(
    kinds.map(({ id, isWatchable }) => [id, isWatchable]),
    [['samples.x.example', false]],
  );
});

test('events are there once, though two groups have them', () => {
  const core = { items: [{ metadata: {}, versions: [{ version: 'v1', resources: [resource('events', 'Event')] }] }] };
  assert.deepEqual(ids(core, { items: [group('events.k8s.io', { v1: [resource('events', 'Event')] })] }), [
    'Cluster: events',
  ]);
});

test('a server that tells nothing has no kinds', () => {
  assert.deepEqual(kindsIn({}, { items: [{ metadata: { name: 'x' } }] }), []);
});

for (const [kind, resource, want] of [
  ['Deployment', 'deployments', 'Deployments'],
  ['NetworkPolicy', 'networkpolicies', 'NetworkPolicies'],
  ['Endpoints', 'endpoints', 'Endpoints'],
  ['PodMetrics', 'pods', 'Pods'],
  ['Person', 'people', 'People'],
] as const)
  test(`many of the kind ${kind} are called ${want}`, () => assert.equal(titleOf({ kind, resource }), want));
