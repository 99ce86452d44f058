import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCluster, makeNode } from '../testing/objects.ts';

test('labels that pods name are remembered of all nodes while they are asked for, and not without bound', () => {
  const cluster = makeCluster([makeNode('a', { labels: { zone: '1' } }), makeNode('b')]);
  const [column, topology, domains] = [cluster.column('zone'), cluster.topology('zone'), cluster.domains(['zone'])];
  assert.deepEqual(column, ['1', undefined]);
  assert.equal(cluster.column('zone'), column);
  assert.equal(cluster.topology('zone'), topology);
  assert.equal(cluster.domains(['zone']), domains);
  for (let index = 0; index < 200; index++) {
    cluster.column(`label-${index}`);
    cluster.topology(`label-${index}`);
    cluster.domains([`label-${index}`]);
  }
  assert.notEqual(cluster.column('zone'), column);
  assert.notEqual(cluster.topology('zone'), topology);
  assert.notEqual(cluster.domains(['zone']), domains);
});
