import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nodes, Pods, type Pod } from '../../../src/api/core/v1/types.ts';
import { oneNode } from './one-node.ts';

const namespace = 'default';

test('a pod gets the place of another as soon as the end of that one is told', async () => {
  await using cluster = await oneNode();
  const { call, client, clock, rows } = cluster;
  const { status } = await call(client.get(Nodes, { name: cluster.node }));
  const spec: Partial<Pod['spec']> = {
    containers: [{ name: 'app', image: 'app', resources: { requests: { cpu: status!.allocatable!['cpu']! } } }],
  };
  await cluster.createPod('first', spec);
  await clock.advance(3000);
  await call(client.delete(Pods, { namespace, name: 'first' }, { gracePeriodSeconds: 2 }));
  for (let i = 0; i < 1000 && !rows.some((row) => row.startsWith('first Succeeded')); i++) await clock.advance(10);
  await cluster.createPod('second', spec);
  await clock.advance(5000);
  assert.equal(rows.at(-1), 'second Running app=running+');
});
