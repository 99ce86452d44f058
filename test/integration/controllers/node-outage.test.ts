import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nodes } from '../../../src/api/core/v1/types.ts';
import { startTestCluster } from '../../../src/main/testing.ts';

test('when one node comes back after an outage of all, the others have their grace before their pods must go', async () => {
  await using cluster = await startTestCluster({ nodes: 3 });
  const drivenOff = (): string[] =>
    cluster.plane.api.context
      .scan(Nodes)
      .filter(({ spec }) => spec?.taints?.some(({ effect }) => effect === 'NoExecute'))
      .map(({ metadata }) => metadata.name);
  for (const name of cluster.nodes()) await cluster.loseNode(name);
  await cluster.clock.advance(90_000);
  assert.deepEqual(drivenOff(), []);
  cluster.addNode('node-1');
  await cluster.clock.advance(40_000);
  assert.deepEqual(drivenOff(), []);
  await cluster.clock.advance(40_000);
  assert.deepEqual(drivenOff(), ['node-2', 'node-3']);
});
