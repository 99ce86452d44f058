import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../src/base/system-clock.ts';
import { openLmdbStore } from '../../../src/store/lmdb/lmdb-store.ts';
import { smallDisk } from '../../../src/store/lmdb/small-disk.ts';
import { startHttpsApi } from '../../kit/https-api.ts';

const maps = '/api/v1/namespaces/default/configmaps';

test('a server on a full disk says so, refuses writes for a while, deletes, and goes on when there is room', async (context) => {
  using disk = smallDisk(context, 8);
  if (disk === undefined) return;
  await using opened = new AsyncDisposableStack();
  const store = opened.use(
    await openLmdbStore({ path: join(disk.path, 'store'), clock: systemClock, reserveBytes: 2 << 20 }),
  );
  const api = opened.use(await startHttpsApi({ store }));
  const data = { filler: 'x'.repeat(100_000) };
  const create = (name: string) => api.ask(maps, { method: 'POST', body: { metadata: { name }, data } });
  const health = async () =>
    (await Promise.all(['/livez', '/readyz'].map((path) => api.ask(path)))).map(({ code }) => code);

  const names: string[] = [];
  let refused = await create('map-0');
  for (; refused.code === 201; refused = await create(`map-${names.length}`)) names.push(`map-${names.length}`);
  assert.equal(refused.code, 503);
  assert.deepEqual(
    [refused.body.reason, refused.body.details, refused.headers['retry-after']],
    ['ServiceUnavailable', { retryAfterSeconds: 5 }, '5'],
  );
  assert.match(refused.body.message, /^The store takes no more writes, because one failed: /);
  assert.deepEqual(await health(), [500, 500]);
  const { text } = await api.ask('/readyz?verbose');
  // Anybody may ask for all checks, so the reason is with the single one and in the log, as in Kubernetes.
  assert.match(text, /^\[-\]etcd failed: reason withheld$/m);
  const { text: reason } = await api.ask('/readyz/etcd');
  assert.match(reason, /^internal server error: The store takes no more writes/);
  assert.deepEqual(
    (await api.ask(maps)).body.items
      .map((item: any) => item.metadata.name)
      .filter((name: string) => name !== 'kube-root-ca.crt')
      .sort(),
    [...names].sort(),
    'reads go on',
  );

  const patiently = async (ask: () => ReturnType<typeof api.ask>) => {
    let answer = await ask();
    for (; answer.code === 503; answer = await ask()) await systemClock.sleep(100);
    return answer;
  };
  for (const name of names)
    assert.equal((await patiently(() => api.ask(`${maps}/${name}`, { method: 'DELETE' }))).code, 200);
  assert.equal((await patiently(() => create('after'))).code, 201, 'the deleted ones made room');
  assert.deepEqual(await health(), [200, 200]);
});
