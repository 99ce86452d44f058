import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCluster, makeNode } from '../testing/objects.ts';

const inZone = (name: string, zone: string) => makeNode(name, { labels: { 'topology.kubernetes.io/zone': zone } });

test('nodes of all zones take turns, however they came', () => {
  const cluster = makeCluster([
    inZone('a1', 'a'),
    inZone('a2', 'a'),
    inZone('a3', 'a'),
    inZone('b1', 'b'),
    makeNode('n'),
  ]);
  const names = (): string[] => cluster.nodes.map(({ name }) => name);
  assert.deepEqual(names(), ['a1', 'b1', 'n', 'a2', 'a3']);
  cluster.removeNode('a1');
  cluster.setNode(inZone('a3', 'b'));
  assert.deepEqual(names(), ['a2', 'b1', 'n', 'a3']);
});

test('an order that does not change is the same array', () => {
  const cluster = makeCluster([inZone('a1', 'a'), inZone('b1', 'b')]);
  const before = cluster.nodes;
  cluster.setNode({ ...inZone('a1', 'a'), status: { allocatable: { cpu: '8' } } });
  assert.equal(cluster.nodes, before);
});
