import { test } from 'node:test';
import { Nodes } from '../../../src/api/core/v1/types.ts';
import { ttlAnnotation } from '../../../src/controllers/nodes/node-ttl.ts';
import { startTestCluster } from '../../../src/main/testing.ts';

test('nodes of a small cluster are told to read anew each time', async () => {
  await using cluster = await startTestCluster({ nodes: 2 });
  const shown = async () =>
    (await cluster.client.list(Nodes)).items.map((one) => one.metadata.annotations?.[ttlAnnotation]);
  await cluster.until(async () => (await shown()).every((ttl) => ttl === '0'));
});
