import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, Secrets, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { superuser, type ApiServer } from '../../../src/apiserver/api-server.ts';
import { silentLogger as log } from '../../../src/base/logger.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom as random } from '../../../src/base/system-random.ts';
import { nextTurn } from '../../../src/base/turn.ts';
import { createInformerFactory } from '../../../src/client/informer-factory.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { legacyTokenCleaner } from '../../../src/controllers/service-account/legacy-token-cleaner.ts';
import { startControllers } from '../../../src/reconciler/run-controller.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

const day = 24 * 60 * 60 * 1000;
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';
let later = 0;
const clock = { ...systemClock, now: () => systemClock.now() + later };
const today = () => new Date(clock.now()).toISOString().slice(0, 10);

/** Runs the controller under its own account, until `isDone`. */
async function cleanUntil(api: ApiServer, isDone: () => Promise<boolean>): Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  const account = { name: `system:serviceaccount:kube-system:${legacyTokenCleaner.name}`, groups: [] };
  const client = createClient(api.transport(account, 'kube-controller-manager'));
  const all = createClient(api.transport(superuser, 'kube-controller-manager'));
  const informers = createInformerFactory(all, { clock, random, log, signal });
  const { stopped } = startControllers([legacyTokenCleaner], { client, informers, clock, random, log, signal });
  while (!(await isDone())) await nextTurn();
  stop.abort();
  await stopped;
}

test('the server says since when it tracks the uses of tokens, and an unused one is marked after a year and goes after two', async () => {
  later = 0;
  await using api = await startMemoryApi({ clock });
  const client = createClient(api.transport(superuser, 'test'));
  const { data } = await client.get(ConfigMaps, {
    namespace: 'kube-system',
    name: 'kube-apiserver-legacy-service-account-token-tracking',
  });
  assert.deepEqual(data, { since: today() });
  const [namespace, name] = ['default', 'robot-token-x'];
  await client.create(ServiceAccounts, { metadata: { name: 'robot', namespace }, secrets: [{ name }] });
  const annotations = { 'kubernetes.io/service-account.name': 'robot' };
  const type = 'kubernetes.io/service-account-token';
  await client.create(Secrets, { metadata: { name, namespace, annotations }, type });
  await client.create(Secrets, { metadata: { name: 'own', namespace, annotations }, type });

  later = 400 * day;
  const markOf = async () => (await client.get(Secrets, { namespace, name })).metadata.labels?.[invalidSince];
  await cleanUntil(api, async () => (await markOf()) !== undefined);
  assert.equal(await markOf(), today());

  later = 800 * day;
  const isGone = () =>
    markOf().then(
      () => false,
      (error: unknown) => isStatus(error, 'NotFound'),
    );
  await cleanUntil(api, isGone);
  assert.equal((await client.get(Secrets, { namespace, name: 'own' })).metadata.labels, undefined);
});
