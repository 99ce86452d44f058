import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../api/core/v1/types.ts';
import { makeCluster, makeNode, type PodParts } from '../testing/objects.ts';
import { scores, verdicts } from '../testing/verdicts.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { taintToleration } from './taint-toleration.ts';

const tainted = { key: 'dedicated', value: 'ops', effect: 'NoSchedule' } as const;
const noExecute = { key: 'gone', effect: 'NoExecute' } as const;

test('a cordoned node takes only pods that tolerate it', () => {
  const cluster = makeCluster([makeNode('open'), makeNode('closed', { unschedulable: true })]);
  const closed = 'node(s) were unschedulable';
  assert.deepEqual(verdicts(nodeUnschedulable, {}, cluster), { open: 'fits', closed });
  const tolerations: PodSpec['tolerations'] = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }];
  assert.deepEqual(verdicts(nodeUnschedulable, { spec: { tolerations } }, cluster), { open: 'fits', closed: 'fits' });
});

test('a pod that names its node fits on no other', () => {
  const cluster = makeCluster([makeNode('a'), makeNode('b')]);
  assert.deepEqual(verdicts(nodeName, { spec: { nodeName: 'b' } }, cluster), {
    a: "node(s) didn't match the requested node name",
    b: 'fits',
  });
});

const tolerationRows: { name: string; tolerations: PodSpec['tolerations']; fits: string }[] = [
  { name: 'nothing', tolerations: [], fits: 'plain' },
  { name: 'everything', tolerations: [{ operator: 'Exists' }], fits: 'plain tainted leaving number' },
  { name: 'a key with any value', tolerations: [{ key: 'dedicated', operator: 'Exists' }], fits: 'plain tainted' },
  { name: 'a key with the value', tolerations: [{ key: 'dedicated', value: 'ops' }], fits: 'plain tainted' },
  { name: 'a key with another value', tolerations: [{ key: 'dedicated', value: 'dev' }], fits: 'plain' },
  {
    name: 'the key for another effect',
    tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }],
    fits: 'plain',
  },
  { name: 'one of two taints', tolerations: [{ key: 'gone', operator: 'Exists' }], fits: 'plain' },
  {
    name: 'both',
    tolerations: [
      { key: 'gone', operator: 'Exists' },
      { key: 'dedicated', operator: 'Exists' },
    ],
    fits: 'plain tainted leaving',
  },
  { name: 'numbers above 5', tolerations: [{ key: 'sla', operator: 'Gt', value: '5' }], fits: 'plain number' },
  { name: 'numbers below 5', tolerations: [{ key: 'sla', operator: 'Lt', value: '5' }], fits: 'plain' },
];
for (const { name, tolerations, fits } of tolerationRows)
  test(`of tainted nodes, a pod that tolerates ${name} fits on: ${fits}`, () => {
    const cluster = makeCluster([
      makeNode('plain', { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }),
      makeNode('tainted', { taints: [tainted] }),
      makeNode('leaving', { taints: [tainted, noExecute] }),
      makeNode('number', { taints: [{ key: 'sla', value: '7', effect: 'NoSchedule' }] }),
    ]);
    const said = verdicts(taintToleration, { spec: { tolerations } }, cluster);
    assert.equal(
      Object.keys(said)
        .filter((node) => said[node] === 'fits')
        .join(' '),
      fits,
    );
    for (const verdict of Object.values(said)) assert.match(verdict, /^(fits|node\(s\) had untolerated taint\(s\))$/);
  });

test('nodes with fewer advisory taints are better', () => {
  const soft = (key: string) => ({ key, effect: 'PreferNoSchedule' }) as const;
  const cluster = makeCluster([
    makeNode('none'),
    makeNode('one', { taints: [soft('a')] }),
    makeNode('two', { taints: [soft('a'), soft('b')] }),
  ]);
  assert.deepEqual(scores(taintToleration, {}, cluster), { none: 100, one: 50, two: 0 });
  const tolerations: PodSpec['tolerations'] = [{ key: 'a', operator: 'Exists' }];
  assert.deepEqual(scores(taintToleration, { spec: { tolerations } }, cluster), { none: 100, one: 100, two: 0 });
  assert.equal(scores(taintToleration, {}, makeCluster([makeNode('none')])), undefined);
});

const affinity = (...nodeSelectorTerms: object[]): Partial<PodSpec> =>
  ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  }) as Partial<PodSpec>;
const label = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, values }],
});

const affinityRows: { name: string; spec: Partial<PodSpec>; fits: string }[] = [
  { name: 'nothing', spec: {}, fits: 'a b c' },
  { name: 'a label by node selector', spec: { nodeSelector: { disk: 'ssd' } }, fits: 'a c' },
  { name: 'two labels by node selector', spec: { nodeSelector: { disk: 'ssd', zone: 'z1' } }, fits: 'a' },
  { name: 'one of two values', spec: affinity(label('zone', 'In', 'z1', 'z2')), fits: 'a b' },
  { name: 'not a value', spec: affinity(label('zone', 'NotIn', 'z1')), fits: 'b c' },
  { name: 'a label', spec: affinity(label('zone', 'Exists')), fits: 'a b' },
  { name: 'no label', spec: affinity(label('zone', 'DoesNotExist')), fits: 'c' },
  { name: 'a number above another', spec: affinity(label('cores', 'Gt', '4')), fits: 'b' },
  { name: 'a number below another', spec: affinity(label('cores', 'Lt', '9')), fits: 'a' },
  { name: 'either of two terms', spec: affinity(label('zone', 'In', 'z1'), label('disk', 'In', 'hdd')), fits: 'a b' },
  { name: 'a term that says nothing', spec: affinity({}), fits: '' },
  {
    name: 'the selector and the affinity',
    spec: { nodeSelector: { disk: 'ssd' }, ...affinity(label('zone', 'Exists')) },
    fits: 'a',
  },
  {
    name: 'a node by its name',
    spec: affinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }),
    fits: 'b',
  },
];
for (const { name, spec, fits } of affinityRows)
  test(`a pod that requires ${name} fits on: ${fits || 'no node'}`, () => {
    const cluster = makeCluster([
      makeNode('a', { labels: { disk: 'ssd', zone: 'z1', cores: '4' } }),
      makeNode('b', { labels: { disk: 'hdd', zone: 'z2', cores: '16' } }),
      makeNode('c', { labels: { disk: 'ssd' } }),
    ]);
    const said = verdicts(nodeAffinity, { spec }, cluster);
    assert.equal(
      Object.keys(said)
        .filter((node) => said[node] === 'fits')
        .join(' '),
      fits,
    );
    for (const verdict of Object.values(said))
      assert.match(verdict, /^(fits|node\(s\) didn't match Pod's node affinity\/selector)$/);
  });

test('preferred node affinity scores by the weights that a node meets', () => {
  const cluster = makeCluster([
    makeNode('a', { labels: { x: '1' } }),
    makeNode('b', { labels: { x: '1', y: '1' } }),
    makeNode('c'),
  ]);
  const preferredDuringSchedulingIgnoredDuringExecution = [
    { weight: 30, preference: label('x', 'Exists') },
    { weight: 30, preference: label('y', 'Exists') },
  ];
  const spec = { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution } } } as Partial<PodSpec>;
  assert.deepEqual(scores(nodeAffinity, { spec }, cluster), { a: 50, b: 100, c: 0 });
  assert.equal(scores(nodeAffinity, {}, cluster), undefined);
});

const portRows: { name: string; ports: PodParts['ports']; fits: boolean }[] = [
  { name: 'no port', ports: [], fits: true },
  { name: 'a free port', ports: [{ hostPort: 81 }], fits: true },
  { name: 'the port', ports: [{ hostPort: 80 }], fits: false },
  { name: 'the port for another protocol', ports: [{ hostPort: 80, protocol: 'UDP' }], fits: true },
  { name: 'the port on one address, where all are taken', ports: [{ hostPort: 80, hostIP: '10.0.0.1' }], fits: false },
  { name: 'a port on all addresses, where one is taken', ports: [{ hostPort: 90 }], fits: false },
  { name: 'a port on another address', ports: [{ hostPort: 90, hostIP: '10.0.0.2' }], fits: true },
  { name: 'a free port and a taken one', ports: [{ hostPort: 81 }, { hostPort: 80 }], fits: false },
];
for (const { name, ports, fits } of portRows)
  test(`a pod that wants ${name} ${fits ? 'fits' : 'does not fit'}`, () => {
    const cluster = makeCluster([makeNode('a')], {
      a: [{ ports: [{ hostPort: 80 }, { hostPort: 90, hostIP: '10.0.0.1' }] }],
    });
    const taken = "node(s) didn't have free ports for the requested pod ports +";
    assert.deepEqual(verdicts(nodePorts, { ports }, cluster), { a: fits ? 'fits' : taken });
  });
