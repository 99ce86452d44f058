import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CustomResourceDefinitions,
  type CustomResourceDefinitionVersion,
} from '../../../src/api/apiextensions/v1/types.ts';
import { APIServices } from '../../../src/api/apiregistration/v1/types.ts';
import { startTestCluster } from '../../../src/main/testing.ts';

const version = (name: string, storage: boolean, served = true): CustomResourceDefinitionVersion => ({
  name,
  served,
  storage,
  schema: { openAPIV3Schema: { type: 'object' } },
});

test('each version of a custom group has an APIService for as long as a kind is served in it', async () => {
  await using cluster = await startTestCluster({ nodes: 0 });
  const { client, clock } = cluster;
  const define = (plural: string, ...versions: CustomResourceDefinitionVersion[]) =>
    client.create(CustomResourceDefinitions, {
      metadata: { name: `${plural}.example.com` },
      spec: { group: 'example.com', names: { plural, kind: `Kind${plural}` }, scope: 'Namespaced', versions },
    });
  const services = async () => {
    await clock.settle();
    const { items } = await client.list(APIServices);
    return items.filter(({ spec }) => spec.group === 'example.com').map(({ metadata }) => metadata.name);
  };
  await define('apples', version('v1', true), version('v2', false));
  await define('pears', version('v2', true), version('v3', false, false));
  assert.deepEqual(await services(), ['v1.example.com', 'v2.example.com']);
  const { metadata, spec, status } = await client.get(APIServices, { name: 'v1.example.com' });
  assert.deepEqual(metadata.labels, { 'kube-aggregator.kubernetes.io/automanaged': 'true' });
  assert.deepEqual([spec.groupPriorityMinimum, spec.versionPriority], [1000, 100]);
  assert.equal(status?.conditions?.[0]?.reason, 'Local');

  await client.delete(CustomResourceDefinitions, { name: 'apples.example.com' });
  assert.deepEqual(await services(), ['v2.example.com']);
  await client.delete(APIServices, { name: 'v2.example.com' });
  assert.deepEqual(await services(), ['v2.example.com'], 'one that is needed comes back');

  await client.create(APIServices, {
    metadata: { name: 'v9.example.com' },
    spec: { group: 'example.com', version: 'v9', groupPriorityMinimum: 1, versionPriority: 1 },
  });
  assert.deepEqual(await services(), ['v2.example.com', 'v9.example.com'], 'those of others are left alone');
});
