import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CustomResourceDefinitions, type CustomResourceDefinition } from '../../../src/api/apiextensions/v1/types.ts';
import { ClusterRoleBindings } from '../../../src/api/rbac/v1/types.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { superuser, type ApiServer } from '../../../src/apiserver/api-server.ts';
import { nextTurn } from '../../../src/base/turn.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

const clientOf = (api: ApiServer) => createClient(api.transport(superuser, 'test'));

/** A definition in the place of a kind that the server has itself; whoever may write definitions may write it. */
async function define(api: ApiServer, plural: string, group: string, ...versions: string[]): Promise<void> {
  await clientOf(api).create(CustomResourceDefinitions, {
    metadata: { name: `${plural}.${group}`, annotations: { 'api-approved.kubernetes.io': 'unapproved' } },
    spec: {
      group,
      scope: 'Cluster',
      names: { plural, kind: 'Other' },
      versions: versions.map((name, at) => ({
        name,
        served: true,
        storage: at === 0,
        schema: { openAPIV3Schema: { type: 'object' } },
      })),
    },
  });
}

async function conditionsOf(api: ApiServer, name: string): Promise<Record<string, string>> {
  for (;;) {
    const { status } = await clientOf(api).get(CustomResourceDefinitions, { name });
    const conditions = status?.conditions ?? [];
    if (conditions.some(({ type }) => type === 'Established'))
      return Object.fromEntries(conditions.map(({ type, status: is, reason }) => [type, `${is} ${reason}`]));
    await nextTurn();
  }
}

async function gone(api: ApiServer, name: string): Promise<void> {
  await clientOf(api).delete(CustomResourceDefinitions, { name } as CustomResourceDefinition['metadata']);
  for (;;)
    try {
      await clientOf(api).get(CustomResourceDefinitions, { name });
      await nextTurn();
    } catch (error) {
      assert.ok(isStatus(error, 'NotFound'));
      return;
    }
}

for (const [plural, group, versions] of [
  ['clusterrolebindings', 'rbac.authorization.k8s.io', ['v1']],
  ['clusterrolebindings', 'rbac.authorization.k8s.io', ['v7']],
  ['subjectaccessreviews', 'authorization.k8s.io', ['v1']],
  ['subjectaccessreviews', 'authorization.k8s.io', ['v7', 'v1']],
] as const)
  test(`a definition in the place of ${plural} (${versions.join()}) gets no names, takes nothing along and keeps no server from starting`, async () => {
    const store = new MemoryStore({ clock: systemClock });
    const name = `${plural}.${group}`;
    await using api = await startMemoryApi({ store });
    const before = (await clientOf(api).list(ClusterRoleBindings)).items.length;
    await define(api, plural, group, ...versions);
    const { NamesAccepted, Established } = await conditionsOf(api, name);
    assert.deepEqual([NamesAccepted, Established], ['False PluralConflict', 'False NotAccepted']);
    {
      await using again = await startMemoryApi({ store });
      assert.equal((await clientOf(again).list(ClusterRoleBindings)).items.length, before);
    }
    await gone(api, name);
    assert.equal((await clientOf(api).list(ClusterRoleBindings)).items.length, before);
  });

test('what others write into the status of a definition brings no kind into the place of another', async () => {
  const store = new MemoryStore({ clock: systemClock });
  await using api = await startMemoryApi({ store });
  await define(api, 'apples', 'example.com', 'v1');
  await conditionsOf(api, 'apples.example.com');
  await define(api, 'pears', 'example.com', 'v1');
  const client = clientOf(api);
  await conditionsOf(api, 'pears.example.com');
  const pears = await client.get(CustomResourceDefinitions, { name: 'pears.example.com' });
  const acceptedNames = { plural: 'apples', kind: 'Other' };
  await client.update(
    CustomResourceDefinitions,
    { ...pears, status: { ...pears.status, acceptedNames } } as CustomResourceDefinition,
    { subresource: 'status' },
  );
  await using again = await startMemoryApi({ store });
  assert.ok(again.core.catalogs.current.find('example.com', 'v1', 'apples'));
});
