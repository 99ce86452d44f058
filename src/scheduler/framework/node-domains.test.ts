import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCluster, makeNode } from '../testing/objects.ts';
import { nodeDomains } from './node-domains.ts';

test('nodes with the same values of all labels are of one domain', () => {
  const zones: Record<string, string>[] = [{ zone: 'a' }, { zone: 'b' }, {}, { zone: 'a' }, { zone: 'a', rack: '1' }];
  const { nodes } = makeCluster(zones.map((labels, index) => makeNode(`n${index}`, { labels })));
  assert.deepEqual(nodeDomains(nodes, ['zone']), { count: 3, of: Int32Array.of(0, 1, 2, 0, 0) });
  assert.deepEqual(nodeDomains(nodes, ['zone', 'rack']), { count: 4, of: Int32Array.of(0, 1, 2, 0, 3) });
  assert.equal(nodeDomains(nodes, ['kubernetes.io/hostname']).count, 5);
});
