import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../api/core/v1/types.ts';
import type { DeviceClass } from '../../api/resource/v1/types.ts';
import { infoOf } from '../testing/objects.ts';
import { ExtendedClaim, extendedRequests, extendedResourcesOf } from './extended-resources.ts';

const gpu = 'example.com/gpu';
const container = (name: string, count?: number, more: Partial<Container> = {}): Container => ({
  name,
  ...(count !== undefined && { resources: { requests: { cpu: '1', [gpu]: String(count) } } }),
  ...more,
});
const sidecar: Partial<Container> = { restartPolicy: 'Always' };

const rows: readonly {
  readonly what: string;
  readonly starting?: Container[];
  readonly containers: Container[];
  /** `request=count` */
  readonly requests: string[];
  /** `container:request` */
  readonly mappings: string[];
}[] = [
  {
    what: 'each container that wants some gets its own',
    containers: [container('a', 2), container('b'), container('c', 1), container('d', 0)],
    requests: ['container-0-request-1=2', 'container-2-request-1=1'],
    mappings: ['a:container-0-request-1', 'c:container-2-request-1'],
  },
  {
    what: 'an init container uses what containers behind it get',
    starting: [container('init', 2)],
    containers: [container('a', 1), container('b', 2)],
    requests: ['container-1-request-1=1', 'container-2-request-1=2'],
    mappings: [
      'a:container-1-request-1',
      'b:container-2-request-1',
      'init:container-1-request-1',
      'init:container-2-request-1',
    ],
  },
  {
    what: 'init containers share what the one that wants most wants besides',
    starting: [container('some', 2), container('most', 4), container('few', 1)],
    containers: [container('a', 1)],
    requests: ['container-1-request-1=3', 'container-3-request-1=1'],
    mappings: [
      'a:container-3-request-1',
      'some:container-3-request-1',
      'some:container-1-request-1',
      'most:container-3-request-1',
      'most:container-1-request-1',
      'few:container-3-request-1',
    ],
  },
  {
    what: 'a sidecar keeps what it has, and only init containers before it can use that too',
    starting: [container('early', 1), container('side', 1, sidecar), container('late', 1)],
    containers: [container('a')],
    requests: ['container-1-request-1=1', 'container-2-request-1=1'],
    mappings: ['side:container-1-request-1', 'early:container-1-request-1', 'late:container-2-request-1'],
  },
];

for (const { what, starting, containers, requests, mappings } of rows)
  test(`of devices for extended resources ${what}`, () => {
    const { pod } = infoOf({ spec: { containers, ...(starting && { initContainers: starting }) } });
    const found = extendedRequests(pod, [[gpu, 'gpus']]);
    assert.deepEqual(
      found.requests.map(({ name, exactly }) => `${name}=${exactly!.count}`),
      requests,
    );
    assert.deepEqual(
      found.mappings.map(({ containerName, requestName }) => `${containerName}:${requestName}`),
      mappings,
    );
  });

test('which devices init containers share is not worked out where there are more than a claim can have', () => {
  const many = (name: string) => Array.from({ length: 3000 }, (_, at) => container(`${name}-${at}`, 5000));
  const { pod } = infoOf({ spec: { initContainers: many('init'), containers: many('app') } });
  const found = extendedRequests(pod, [[gpu, 'gpus']]);
  assert.deepEqual([found.requests.length, found.mappings.length], [3000, 3000]);
});

const classOf = (name: string, extendedResourceName?: string, creationTimestamp?: string): [string, DeviceClass] => [
  name,
  {
    metadata: { name, ...(creationTimestamp && { creationTimestamp }) },
    spec: { ...(extendedResourceName && { extendedResourceName }) },
  },
];
const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];

for (const [what, requests, classes, found] of [
  ['without classes', { [gpu]: '1' }, [], undefined],
  ['that nobody gives a name', { cpu: '1', [gpu]: '1' }, [classOf('a')], undefined],
  ['of which none is wanted', { [gpu]: '0' }, [classOf('a', gpu)], undefined],
  ['that a class names', { cpu: '1', [gpu]: '1' }, [classOf('a', gpu)], { [gpu]: 'a' }],
  [
    'by the name of a class',
    { 'deviceclass.resource.kubernetes.io/a': '1' },
    [classOf('a', gpu)],
    { 'deviceclass.resource.kubernetes.io/a': 'a' },
  ],
  [
    'that two classes name: the newer',
    { [gpu]: '1' },
    [classOf('b', gpu, late), classOf('a', gpu, early)],
    { [gpu]: 'b' },
  ],
  [
    'that two name at once: by name',
    { [gpu]: '1' },
    [classOf('b', gpu, late), classOf('a', gpu, late)],
    { [gpu]: 'a' },
  ],
] as const)
  test(`devices stand for extended resources ${what}`, () => {
    const resources = extendedResourcesOf(infoOf({ requests }), new Map<string, DeviceClass>(classes));
    const names = resources && Object.fromEntries([...resources].map(([name, { metadata }]) => [name, metadata.name]));
    assert.deepEqual(names, found);
  });

test('a node is asked for what it lacks, by a claim of the pod', () => {
  const classes = new Map([classOf('gpus', gpu), classOf('nics', 'example.com/nic')]);
  const pod = infoOf({ name: 'web', requests: { [gpu]: '1', 'example.com/nic': '2' } });
  const claim = new ExtendedClaim(pod, extendedResourcesOf(pod, classes)!, classes);
  const alternatives = (has: Record<string, number>) => claim.on({ allocatable: new Map(Object.entries(has)) });
  assert.equal(alternatives({ [gpu]: 1, 'example.com/nic': 1 }), undefined);
  const { requests, mappings, claim: made } = alternatives({ [gpu]: 1 })!;
  assert.deepEqual(
    requests.map(([alternative]) => [alternative!.name, alternative!.class.metadata.name, alternative!.count]),
    [['container-0-request-1', 'nics', 2]],
  );
  assert.deepEqual(
    mappings.map(({ resourceName }) => resourceName),
    ['example.com/nic'],
  );
  assert.deepEqual(alternatives({})!.requests.length, 2);
  const { generateName, annotations, ownerReferences } = made.metadata;
  assert.equal(generateName, 'web-extended-resources-');
  assert.deepEqual(annotations, { 'resource.kubernetes.io/extended-resource-claim': 'true' });
  assert.equal(ownerReferences![0]!.uid, pod.uid);
});
