import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podRequests } from '../framework/resources.ts';
import { infoOf, makeCluster, makeNode, makePod, type PodParts } from '../testing/objects.ts';
import { scores, verdicts } from '../testing/verdicts.ts';
import { imageLocality } from './image-locality.ts';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';

const rows: { name: string; requests: Record<string, string>; want: string }[] = [
  { name: 'asks for nothing', requests: {}, want: 'fits' },
  { name: 'asks for exactly what is free', requests: { cpu: '1' }, want: 'fits' },
  {
    name: 'asks for more than is free, but the node is big enough',
    requests: { cpu: '1001m' },
    want: 'Insufficient cpu +',
  },
  { name: 'asks for more than the node has', requests: { cpu: '5' }, want: 'Insufficient cpu' },
  {
    name: 'names every resource that is short',
    requests: { cpu: '2', memory: '9Gi' },
    want: 'Insufficient cpu, Insufficient memory',
  },
  {
    name: 'asks for a resource the node does not offer',
    requests: { 'example.com/gpu': '1' },
    want: 'Insufficient example.com/gpu',
  },
  { name: 'asks for none of a resource the node does not offer', requests: { 'example.com/gpu': '0' }, want: 'fits' },
];
for (const { name, requests, want } of rows)
  test(`resources: a pod that ${name}`, () => {
    const cluster = makeCluster([makeNode('a')], { a: [{ requests: { cpu: '3' } }] });
    assert.deepEqual(verdicts(nodeResourcesFit, { requests }, cluster), { a: want });
  });

test('resources: a node with as many pods as it takes is full', () => {
  const cluster = makeCluster([makeNode('a', { allocatable: { cpu: '1', memory: '1Gi', pods: '2' } })], {
    a: [{}, {}],
  });
  assert.deepEqual(verdicts(nodeResourcesFit, {}, cluster), { a: 'Too many pods +' });
  assert.deepEqual(verdicts(nodeResourcesFit, { requests: { cpu: '2' } }, cluster), {
    a: 'Too many pods, Insufficient cpu',
  });
});

test('resources: devices stand for an extended resource where the node has none of it', () => {
  const allocatable = { cpu: '1', memory: '1Gi', pods: '2' };
  const cluster = makeCluster([
    makeNode('none', { allocatable }),
    makeNode('few', { allocatable: { ...allocatable, 'example.com/gpu': '1' } }),
  ]);
  const metadata = { name: 'gpu' };
  cluster.devices.classes.set('gpu', { metadata, spec: { extendedResourceName: 'example.com/gpu' } });
  const said = verdicts(nodeResourcesFit, { requests: { 'example.com/gpu': '2', 'example.com/nic': '0' } }, cluster);
  assert.deepEqual(said, { none: 'fits', few: 'Insufficient example.com/gpu' });
});

const container = (cpu: string, more: object = {}) => ({
  name: cpu,
  image: 'x',
  resources: { requests: { cpu } },
  ...more,
});
const sidecar = { restartPolicy: 'Always' };
const requestRows: { name: string; parts: PodParts; cpu: number }[] = [
  { name: 'its containers together', parts: { spec: { containers: [container('100m'), container('0.2')] } }, cpu: 300 },
  {
    name: 'a greedy init container alone',
    parts: { spec: { initContainers: [container('1')], containers: [container('100m')] } },
    cpu: 1000,
  },
  {
    name: 'the greediest init container',
    parts: { spec: { initContainers: [container('1'), container('2')], containers: [] } },
    cpu: 2000,
  },
  {
    name: 'sidecars beside the containers',
    parts: { spec: { initContainers: [container('1', sidecar)], containers: [container('100m')] } },
    cpu: 1100,
  },
  {
    name: 'sidecars beside a later init container',
    parts: { spec: { initContainers: [container('1', sidecar), container('2')], containers: [container('100m')] } },
    cpu: 3000,
  },
  {
    name: 'no later sidecar beside an init container',
    parts: { spec: { initContainers: [container('2'), container('1', sidecar)], containers: [container('100m')] } },
    cpu: 2000,
  },
  { name: 'its overhead', parts: { spec: { containers: [container('1')], overhead: { cpu: '250m' } } }, cpu: 1250 },
  {
    name: 'what it asks for as a whole',
    parts: { spec: { containers: [container('1')], resources: { requests: { cpu: '3' } } } },
    cpu: 3000,
  },
  {
    name: 'the larger of what a container being resized has and wants',
    parts: {
      spec: { nodeName: 'a', containers: [container('1')] },
      status: {
        containerStatuses: [
          { name: '1', image: '', imageID: '', ready: true, restartCount: 0, resources: { requests: { cpu: '2' } } },
        ],
      },
    },
    cpu: 2000,
  },
];
for (const { name, parts, cpu } of requestRows)
  test(`resources: a pod needs ${name}`, () => {
    assert.equal(podRequests(makePod(parts)).get('cpu'), cpu);
  });

test('the emptier node is better, counting something for pods that ask for nothing', () => {
  const cluster = makeCluster([makeNode('empty'), makeNode('half'), makeNode('silent')], {
    half: [{ requests: { cpu: '2', memory: '4Gi' } }],
    silent: [{}, {}, {}, {}],
  });
  assert.deepEqual(scores(nodeResourcesFit, { requests: { cpu: '400m', memory: '800Mi' } }, cluster), {
    empty: 90,
    half: 40,
    silent: 80,
  });
});

test('a node where cpu and memory would be used alike is better', () => {
  const cluster = makeCluster([makeNode('even'), makeNode('odd')], { odd: [{ requests: { cpu: '2' } }] });
  assert.deepEqual(scores(nodeResourcesBalancedAllocation, { requests: { cpu: '2', memory: '4Gi' } }, cluster), {
    even: 100,
    odd: 75,
  });
  assert.equal(scores(nodeResourcesBalancedAllocation, {}, cluster), undefined);
});

test('a node that has the image is better, the more so the bigger it is and the more nodes have it', () => {
  const gibibyte = 1 << 30;
  const cluster = makeCluster([
    makeNode('has', { images: { 'big:latest': gibibyte } }),
    makeNode('lacks'),
    makeNode('other', { images: { 'small:1': 1000 } }),
  ]);
  assert.deepEqual(scores(imageLocality, { image: 'big' }, cluster), { has: 32, lacks: 0, other: 0 });
  assert.deepEqual(scores(imageLocality, { image: 'small:1' }, cluster), { has: 0, lacks: 0, other: 0 });
  assert.equal(scores(imageLocality, { image: 'unknown:1' }, cluster), undefined);
});

const wakes: { name: string; left: PodParts[]; pod: PodParts; want: boolean }[] = [
  { name: 'fits now', left: [{ requests: { cpu: '2' } }], pod: { requests: { cpu: '2' } }, want: true },
  { name: 'still does not fit', left: [{ requests: { cpu: '3' } }], pod: { requests: { cpu: '2' } }, want: false },
  {
    name: 'would fit if it made others go',
    left: [{ requests: { cpu: '3' } }],
    pod: { requests: { cpu: '2' }, spec: { priority: 1 } },
    want: true,
  },
  {
    name: 'wants more than the node has',
    left: [],
    pod: { requests: { cpu: '5' } },
    want: false,
  },
];
for (const { name, left, pod, want } of wakes)
  test(`resources: a pod that goes wakes one that ${name}: ${want}`, () => {
    const cluster = makeCluster([makeNode('a')], { a: left });
    const change = { type: 'pod-removed', pod: infoOf({}), from: cluster.node('a') } as const;
    assert.equal(nodeResourcesFit.mayHelp!(infoOf(pod), change, cluster), want);
  });
