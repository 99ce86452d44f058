import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nodes } from '../../../src/api/core/v1/types.ts';
import { oneNode } from './one-node.ts';

test('the status of a node of which nothing changes is written every five minutes', async () => {
  await using cluster = await oneNode();
  const { call, client, clock, node } = cluster;
  await clock.advance(60_000);
  const first = await call(client.get(Nodes, { name: node }));
  assert.equal(first.status?.capacity?.['memory'], '16Gi');
  await clock.advance(200_000);
  const same = await call(client.get(Nodes, { name: node }));
  assert.equal(same.metadata.resourceVersion, first.metadata.resourceVersion);
  await clock.advance(100_000);
  const later = await call(client.get(Nodes, { name: node }));
  assert.notEqual(later.metadata.resourceVersion, first.metadata.resourceVersion);
});

test('what changes of a node is told as soon as it is looked at again', async () => {
  await using cluster = await oneNode();
  const { call, client, clock, node, runtime } = cluster;
  await clock.advance(60_000);
  const images = async () => (await call(client.get(Nodes, { name: node }))).status?.images?.length ?? 0;
  assert.equal(await images(), 0);
  const pulling = runtime.pullImage('app:1');
  await clock.advance(20_000);
  await pulling;
  assert.equal(await images(), 1);
});
