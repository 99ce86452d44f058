import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { isAllRead } from './cluster.ts';

test('nothing is said to be well before all of it was read', () => {
  const names = ['nodes', 'pods', 'services', 'deployments', 'endpoints'] as const;
  const synced = Object.fromEntries(names.map((name) => [name, signal(false)]));
  const kind = (name: (typeof names)[number]) => ({ synced: synced[name]! }) as never;
  const cluster = {
    nodes: kind('nodes'),
    pods: kind('pods'),
    services: kind('services'),
    deployments: kind('deployments'),
    endpointsSynced: synced['endpoints']!,
  };
  for (const name of names) {
    assert.equal(isAllRead(cluster), false);
    synced[name]!.value = true;
  }
  assert.equal(isAllRead(cluster), true);
});
