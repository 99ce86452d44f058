import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, type ConfigMap } from '../../../src/api/core/v1/types.ts';
import { ClusterRoles, type ClusterRole } from '../../../src/api/rbac/v1/types.ts';
import type { KubeList } from '../../../src/apimachinery/object.ts';
import { namespace, objectsIn } from './objects.ts';
import type { SharedApi } from './shared-api.ts';
import { startWatchedApi, type WatchedApi, type Way } from './watched-api.ts';

const namesOf = ({ items }: KubeList<ConfigMap>) => items.map(({ metadata }) => metadata.name);

async function create(api: WatchedApi, into: string, ...names: string[]): Promise<string> {
  let version = '';
  for (const name of names) {
    const made = await api.client.create(ConfigMaps, objectsIn(into).configMap(name));
    version = made.metadata.resourceVersion!;
  }
  return version;
}

/** Pages and versions of lists (API concepts, "Semantics for get and list", "Retrieving large results sets in chunks"). */
export function describeLists(way: Way, shared: SharedApi): void {
  shared.test(
    'a page tells what follows it, and the next ones show the state of the first',
    async ({ api, namespace }) => {
      await create(api, namespace, 'a', 'b', 'c', 'd', 'e');
      const first = await api.list(ConfigMaps, { namespace, limit: '2' });
      assert.deepEqual(namesOf(first), ['a', 'b']);
      assert.equal(first.metadata.remainingItemCount, 3);
      const version = first.metadata.resourceVersion;
      await create(api, namespace, 'ca');
      await api.client.delete(ConfigMaps, { namespace, name: 'd' });
      const second = await api.list(ConfigMaps, { namespace, limit: '2', continue: first.metadata.continue });
      assert.deepEqual([namesOf(second), second.metadata.remainingItemCount], [['c', 'd'], 1]);
      assert.equal(second.metadata.resourceVersion, version);
      const third = await api.list(ConfigMaps, { namespace, limit: '2', continue: second.metadata.continue });
      assert.deepEqual(namesOf(third), ['e']);
      assert.deepEqual(third.metadata, { resourceVersion: version });
    },
  );

  shared.test('with a selector nobody knows how many remain', async ({ api, namespace, configMap }) => {
    for (const name of ['a', 'b', 'c']) await api.client.create(ConfigMaps, configMap(name, { app: 'x' }));
    await create(api, namespace, 'aa');
    const first = await api.list(ConfigMaps, { namespace, limit: '2', labelSelector: 'app=x' });
    assert.deepEqual([namesOf(first), first.metadata.remainingItemCount], [['a', 'b'], undefined]);
    const rest = { namespace, limit: '2', labelSelector: 'app=x', continue: first.metadata.continue };
    assert.deepEqual(namesOf(await api.list(ConfigMaps, rest)), ['c']);
  });

  shared.test('names of any letters are listed, in pages and at earlier versions too', async ({ api }) => {
    const names = ['zz', '\u{1f600}', '\uff5a'].map((name) => `zzz-${name}`).sort();
    let resourceVersion = '';
    for (const name of names)
      ({ resourceVersion = '' } = (await api.client.create(ClusterRoles, { metadata: { name }, rules: [] })).metadata);
    await api.client.create(ClusterRoles, { metadata: { name: 'zzz-later' }, rules: [] });
    const ownNames = ({ items }: KubeList<ClusterRole>) =>
      items
        .map((one) => one.metadata.name)
        .filter((name) => name.startsWith('zzz-') && name !== 'zzz-later')
        .sort();
    const before = { resourceVersion, resourceVersionMatch: 'Exact' };
    for (const options of [{}, before]) assert.deepEqual(ownNames(await api.list(ClusterRoles, options)), names);
    const paged: string[] = [];
    let page = await api.list(ClusterRoles, { limit: '1' });
    while (page.metadata.continue) {
      paged.push(...ownNames(page));
      page = await api.list(ClusterRoles, { limit: '1', continue: page.metadata.continue });
    }
    assert.deepEqual([...paged, ...ownNames(page)].sort(), names);
  });

  test('where the state of the first page is compacted the client gets a token for an inconsistent rest', async () => {
    await using api = await startWatchedApi(way);
    await create(api, namespace, 'a', 'b', 'c');
    const first = await api.list(ConfigMaps, { namespace, limit: '2' });
    await api.store.compact(Number(await create(api, namespace, 'd')));
    const error = await api.list(ConfigMaps, { namespace, continue: first.metadata.continue }).catch((one) => one);
    assert.deepEqual([error.status?.code, error.status?.reason], [410, 'Expired']);
    const rest = await api.list(ConfigMaps, { namespace, continue: error.status.metadata.continue });
    assert.deepEqual(namesOf(rest), ['c', 'd']);
  });

  shared.test('a version is matched exactly, or by what is not older', async ({ api, namespace }) => {
    const version = await create(api, namespace, 'a', 'b');
    await create(api, namespace, 'c');
    const exact = await api.list(ConfigMaps, { namespace, resourceVersion: version, resourceVersionMatch: 'Exact' });
    assert.deepEqual([namesOf(exact), exact.metadata.resourceVersion], [['a', 'b'], version]);
    for (const options of [
      { resourceVersion: version },
      { resourceVersion: '0' },
      { resourceVersion: '0', limit: '1' },
    ])
      assert.deepEqual(namesOf(await api.list(ConfigMaps, { namespace, ...options })), ['a', 'b', 'c']);
    // A limit with a version asks for that very version.
    assert.deepEqual(namesOf(await api.list(ConfigMaps, { namespace, resourceVersion: version, limit: '5' })), [
      'a',
      'b',
    ]);
  });

  shared.test('a version that has not happened is not answered', async ({ api, namespace }) => {
    const error = await api.list(ConfigMaps, { namespace, resourceVersion: '999999' }).catch((one) => one);
    assert.deepEqual([error.status?.code, error.status?.reason], [504, 'Timeout']);
    assert.match(error.status.message, /^Timeout: Too large resource version: 999999, current: \d+$/);
  });
}
