import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, Events, Namespaces, type Event } from '../../../src/api/core/v1/types.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { superuser } from '../../../src/apiserver/api-server.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

function event(name: string, about = 'default'): Event {
  return {
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: about, name: 'web' },
    reason: 'Pulled',
    message: 'it is there',
    type: 'Normal',
    source: { component: 'kubelet' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
  };
}

test('objects that are created together are as if each had come by itself, and each has its own refusal', async () => {
  await using api = await startMemoryApi();
  const client = createClient(api.transport(superuser, 'test'));
  const alone = await client.create(Events, event('alone'));
  const refusals = await client.createAll(Events, 'default', [
    event('a'),
    event('alone'),
    event('b', 'other'),
    event('c'),
  ]);
  assert.deepEqual(
    refusals.map((error) => (error === undefined ? undefined : isStatus(error) && error.status.reason)),
    [undefined, 'AlreadyExists', 'Invalid', undefined],
  );
  const { items } = await client.list(Events, { namespace: 'default' });
  assert.deepEqual(items.map(({ metadata }) => metadata.name).sort(), ['a', 'alone', 'c']);
  const together = await client.get(Events, { namespace: 'default', name: 'a' });
  const plain = ({ metadata, ...rest }: Event) => ({
    ...rest,
    members: Object.keys(metadata).sort(),
    owned: metadata.managedFields?.map(({ time: _, ...entry }) => entry),
  });
  assert.deepEqual(plain(together), plain(alone));
  assert.notEqual(together.metadata.uid, alone.metadata.uid);
});

test('who may not create one may not create many, and a namespace that ends takes none', async () => {
  await using api = await startMemoryApi();
  const nobody = createClient(api.transport({ name: 'nobody', groups: ['system:authenticated'] }, 'test'));
  await assert.rejects(nobody.createAll(Events, 'default', [event('a')]), /nobody.*cannot create resource "events"/);
  const client = createClient(api.transport(superuser, 'test'));
  await client.create(Namespaces, { metadata: { name: 'ends' }, spec: { finalizers: ['kubernetes'] } });
  await client.create(ConfigMaps, { metadata: { namespace: 'ends', name: 'holds' } });
  await client.delete(Namespaces, { name: 'ends' });
  const one = { ...event('a', 'ends'), metadata: { name: 'a', namespace: 'ends' } };
  const [refusal] = await client.createAll(Events, 'ends', [one]);
  assert.match(String(refusal), /because it is being terminated/);
});
