import assert from 'node:assert/strict';
import { test } from 'node:test';
import { superuser } from '../../../src/apiserver/api-server.ts';
import { ConfigMaps, type ConfigMap } from '../../../src/api/core/v1/types.ts';
import type { KubeList } from '../../../src/apimachinery/object.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

const minutes = 60_000;

test('a continue token is good for five minutes; after ten it is answered with one for an inconsistent rest', async () => {
  const clock = new VirtualClock();
  await using api = await startMemoryApi({ clock, store: new MemoryStore({ clock }) });
  const transport = api.transport(superuser, 'test');
  const client = createClient(transport);
  for (let i = 0; i < 6; i++) await client.create(ConfigMaps, { metadata: { name: `map-${i}`, namespace: 'default' } });
  const page = async (token: string) =>
    (await transport.call({
      verb: 'list',
      type: ConfigMaps,
      namespace: 'default',
      options: { limit: '2', continue: token },
    })) as KubeList<ConfigMap>;
  const names = ({ items }: KubeList<ConfigMap>) => items.map(({ metadata }) => metadata.name);
  const token = (await page('')).metadata.continue ?? '';
  await client.create(ConfigMaps, { metadata: { name: 'map-2a', namespace: 'default' } });

  await clock.advance(5 * minutes);
  assert.deepEqual(names(await page(token)), ['map-2', 'map-3'], 'consistent with the first page');
  await clock.advance(5 * minutes + 1);
  const error = await page(token).catch((error: unknown) => error);
  assert.ok(isStatus(error, 'Expired'));
  assert.equal(error.status.code, 410);
  assert.match(
    error.status.message ?? '',
    /^The provided continue parameter is too old to display a consistent list result\./,
  );
  assert.deepEqual(names(await page(error.status.metadata.continue ?? '')), ['map-2', 'map-2a']);
});

test('a list of an exact version that was compacted is too old, even if nothing has changed since', async () => {
  const clock = new VirtualClock();
  await using api = await startMemoryApi({ clock, store: new MemoryStore({ clock }) });
  const transport = api.transport(superuser, 'test');
  const client = createClient(transport);
  const { metadata } = await client.create(ConfigMaps, { metadata: { name: 'one', namespace: 'default' } });
  const exact = () =>
    transport.call({
      verb: 'list',
      type: ConfigMaps,
      namespace: 'default',
      options: { resourceVersion: metadata.resourceVersion!, resourceVersionMatch: 'Exact' },
    });
  await client.create(ConfigMaps, { metadata: { name: 'other', namespace: 'kube-system' } });
  await exact();
  await clock.advance(10 * minutes + 1);
  await assert.rejects(
    exact,
    (error) =>
      isStatus(error, 'Expired') && error.status.message === 'The resourceVersion for the provided list is too old.',
  );
});
