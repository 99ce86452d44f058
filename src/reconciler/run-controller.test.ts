import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, Events, Namespaces, Pods, Secrets, type ConfigMap, type Secret } from '../api/core/v1/types.ts';
import { keyText } from '../apimachinery/object.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { createInformerFactory, type InformerFactory } from '../client/informer-factory.ts';
import { createClient } from '../client/typed-client.ts';
import { againAfter, settled, TerminalError, type Controller } from './controller.ts';
import { startControllers } from './run-controller.ts';
import { SmallServer } from './testing/small-server.ts';

function setUp(controller: Controller<any>, log = silentLogger) {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const server = new SmallServer(clock, random);
  const client = createClient(server);
  const stop = new AbortController();
  const common = { clock, random, log, signal: stop.signal };
  const start = () => {
    const informers = createInformerFactory(client, common);
    return startControllers([controller], { client, informers, ...common });
  };
  const end = async (): Promise<void> => {
    stop.abort();
    await clock.settle();
    assert.equal(clock.pendingTimers, 0, 'nothing is left running');
  };
  return { clock, server, client, start, end };
}

const ofDefault = (name: string) => ({ namespace: 'default', name });

/** Gives each config map as many secrets as it says, and counts them. */
function secretsPerConfigMap(more: Partial<Controller<ConfigMap>> = {}): Controller<ConfigMap> {
  return {
    name: 'secret-controller',
    for: ConfigMaps,
    owns: [Secrets],
    async reconcile(key, cluster) {
      const owner = cluster.get(ConfigMaps, key);
      if (owner === undefined) return settled;
      const owned = cluster.ownedBy(owner, Secrets);
      const missing = Number(owner.data?.['secrets'] ?? 0) - owned.length;
      for (let i = 0; i < missing; i++)
        await cluster.create(Secrets, { metadata: { name: '', generateName: 's-' } }, { owner });
      for (const secret of owned.slice(0, Math.max(0, -missing))) await cluster.delete(Secrets, secret);
      if (missing !== 0) cluster.events.record(owner, 'Normal', 'Balanced', `Changed by ${missing}`);
      return settled;
    },
    ...more,
  };
}

test('a controller reacts to its kind and to what it owns, and never acts on a state before its own writes', async () => {
  const { clock, server, client, start, end } = setUp(secretsPerConfigMap());
  const { started, stopped } = start();
  await started;
  const made = await client.create(ConfigMaps, { metadata: ofDefault('a'), data: { secrets: '3' } });
  await clock.settle();
  const secrets = server.all(Secrets) as Secret[];
  assert.equal(secrets.length, 3);
  assert.deepEqual(secrets[0]!.metadata.ownerReferences, [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'a',
      uid: made.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  await client.delete(Secrets, secrets[0]!.metadata);
  await clock.settle();
  assert.equal(server.all(Secrets).length, 3);
  await client.update(ConfigMaps, { ...server.all(ConfigMaps)[0]!, data: { secrets: '1' } });
  await clock.settle();
  assert.equal(server.all(Secrets).length, 1);
  assert.deepEqual(
    server
      .all(Events)
      .map(({ message, source, involvedObject }) => [message, source?.component, involvedObject.name])
      .sort(),
    [
      ['Changed by -2', 'secret-controller', 'a'],
      ['Changed by 1', 'secret-controller', 'a'],
      ['Changed by 3', 'secret-controller', 'a'],
    ],
  );
  await end();
  await stopped;
});

test('a key whose writes the cache does not show is held for five seconds, then everything is listed again', async () => {
  const { clock, server, client, start, end } = setUp(secretsPerConfigMap());
  await start().started;
  await clock.settle();
  await client.create(ConfigMaps, { metadata: ofDefault('a'), data: { secrets: '2' } });
  server.muted = true;
  await clock.settle();
  assert.equal(server.all(Secrets).length, 2);
  server.muted = false;
  await client.update(ConfigMaps, {
    ...server.all(ConfigMaps)[0]!,
    metadata: { ...server.all(ConfigMaps)[0]!.metadata, labels: { a: 'b' } },
  });
  await clock.advance(4900);
  assert.equal(server.all(Secrets).length, 2, 'the key is held, though it was woken');
  await clock.advance(6000);
  assert.equal(server.all(Secrets).length, 2, 'the list showed both');
  await end();
});

test('controllers that were stopped leave nothing with the shared informers, and can be started again', async () => {
  const { clock, server, client } = setUp(secretsPerConfigMap());
  const all = new AbortController();
  const common = { clock, random: new SeededRandom(1), log: silentLogger };
  const shared = createInformerFactory(client, { ...common, signal: all.signal });
  let handlers = 0;
  const informers: InformerFactory = {
    ...shared,
    informer(type, scope) {
      const informer = shared.informer(type, scope);
      return new Proxy(informer, {
        get(target, name) {
          if (name !== 'onChange') return (Reflect.get(target, name) as () => unknown).bind(target);
          return (handler: Parameters<typeof informer.onChange>[0]) => {
            handlers++;
            const unsubscribe = target.onChange(handler);
            return () => {
              handlers--;
              unsubscribe();
            };
          };
        },
      });
    },
  };
  for (const [term, wanted] of ['1', '3'].entries()) {
    const stop = new AbortController();
    const controller = secretsPerConfigMap();
    const { started, stopped } = startControllers([controller], { client, informers, ...common, signal: stop.signal });
    await started;
    assert.ok(handlers > 0);
    if (term === 0) await client.create(ConfigMaps, { metadata: ofDefault('a'), data: { secrets: wanted } });
    else await client.update(ConfigMaps, { ...server.all(ConfigMaps)[0]!, data: { secrets: wanted } });
    await clock.settle();
    assert.equal(server.all(Secrets).length, Number(wanted));
    stop.abort();
    await stopped;
    assert.equal(handlers, 0);
  }
  await client.update(ConfigMaps, { ...server.all(ConfigMaps)[0]!, data: { secrets: '5' } });
  await clock.settle();
  assert.equal(server.all(Secrets).length, 3);
  all.abort();
  await clock.settle();
  assert.equal(clock.pendingTimers, 0);
});

test('a failure is tried again with growing delays, and told once; a terminal one waits for the next change', async () => {
  const told: unknown[] = [];
  const log = { ...silentLogger, warn: (...line: unknown[]) => void told.push(line), with: () => log };
  const attempts: number[] = [];
  let failure: Error | undefined = new Error('not yet');
  const { clock, client, start, end } = setUp(
    {
      name: 'failing-controller',
      for: ConfigMaps,
      async reconcile(_key, cluster) {
        attempts.push(cluster.clock.monotonic());
        if (failure) throw failure;
        return settled;
      },
    },
    log,
  );
  await start().started;
  const made = await client.create(ConfigMaps, { metadata: ofDefault('a') });
  await clock.advance(50);
  assert.deepEqual(attempts, [0, 5, 15, 35]);
  assert.deepEqual(told, [['reconcile failed', { key: 'default/a', error: 'Error: not yet', retryMs: 5 }]]);
  failure = new TerminalError('never');
  await clock.advance(60_000);
  assert.equal(attempts.length, 5);
  failure = undefined;
  await client.update(ConfigMaps, { ...made, data: { a: 'b' } });
  await clock.advance(60_000);
  assert.equal(attempts.length, 6);
  await end();
});

test('a key that asks to come again does, and other kinds wake what they say', async () => {
  const seen: string[] = [];
  const { clock, client, start, end } = setUp({
    name: 'watching-controller',
    for: ConfigMaps,
    watches: [{ type: Namespaces, wakes: (namespace) => [{ namespace: namespace.metadata.name, name: 'a' }] }],
    concurrency: 2,
    async reconcile(key, cluster) {
      seen.push(`${cluster.clock.monotonic()} ${keyText(key)}`);
      return key.namespace === 'default' && seen.length < 3 ? againAfter(1000) : settled;
    },
  });
  await start().started;
  await client.create(ConfigMaps, { metadata: ofDefault('a') });
  await clock.advance(500);
  await client.create(Namespaces, { metadata: { name: 'other' } } as never);
  await clock.advance(10_000);
  assert.deepEqual(seen, ['0 default/a', '500 other/a', '1000 default/a']);
  await end();
});

test('reading a kind that was not declared is a broken assumption', async () => {
  let message = '';
  const { clock, client, start, end } = setUp({
    name: 'careless-controller',
    for: ConfigMaps,
    async reconcile(_key, cluster) {
      try {
        cluster.list(Secrets);
      } catch (error) {
        message = (error as Error).message;
      }
      return settled;
    },
  });
  await start().started;
  await client.create(ConfigMaps, { metadata: ofDefault('a') });
  await clock.settle();
  assert.equal(message, 'Cannot read secrets: controller "careless-controller" does not declare it');
  await end();
});

test('objects are found by their labels, by the kind they belong to, and by having no owner', async () => {
  const found: Record<string, string[]> = {};
  const names = (objects: readonly { metadata: { name: string } }[]) => objects.map(({ metadata }) => metadata.name);
  const { clock, client, start, end } = setUp({
    name: 'reading-controller',
    for: Namespaces,
    reads: [Secrets],
    async reconcile(_key, cluster) {
      found['one'] = names(cluster.withLabels(Secrets, 'default', { app: 'web' }));
      found['both'] = names(cluster.withLabels(Secrets, 'default', { app: 'web', tier: 'front' }));
      found['none'] = names(cluster.withLabels(Secrets, 'other', { app: 'web' }));
      found['all'] = names(cluster.withLabels(Secrets, 'default', {}));
      found['orphans'] = names(cluster.orphans(Secrets, 'default'));
      found['owned'] = names(cluster.dependentsOf({ metadata: { name: 'o', uid: 'o' } }, Secrets));
      return settled;
    },
  });
  const ownerReferences = [
    { apiVersion: 'v1', kind: 'X', name: 'c', uid: 'c', controller: true },
    { apiVersion: 'v1', kind: 'X', name: 'o', uid: 'o' },
  ];
  await client.create(Secrets, {
    metadata: { ...ofDefault('a'), labels: { app: 'web', tier: 'front' }, ownerReferences },
  });
  await client.create(Secrets, { metadata: { ...ofDefault('b'), labels: { app: 'web' } } });
  await client.create(Secrets, { metadata: ofDefault('c') });
  await start().started;
  await client.create(Namespaces, { metadata: { name: 'n' } } as never);
  await clock.settle();
  assert.deepEqual(found, {
    one: ['a', 'b'],
    both: ['a'],
    none: [],
    all: ['a', 'b', 'c'],
    orphans: ['b', 'c'],
    owned: ['a'],
  });
  await end();
});

test('the pods of a node are found by its name, as they come, and go', async () => {
  let found: string[] = [];
  const { clock, client, start, end } = setUp({
    name: 'reading-controller',
    for: Pods,
    async reconcile(_key, cluster) {
      found = cluster.podsOn('n').map(({ metadata }) => metadata.name);
      return settled;
    },
  });
  await start().started;
  for (const [name, nodeName] of Object.entries({ a: 'n', b: 'm', c: undefined, d: 'n' }))
    await client.create(Pods, { metadata: ofDefault(name), spec: { containers: [], nodeName } } as never);
  await clock.settle();
  assert.deepEqual(found, ['a', 'd']);
  const bound = await client.get(Pods, ofDefault('c'));
  await client.update(Pods, { ...bound, spec: { ...bound.spec, nodeName: 'n' } });
  await client.delete(Pods, ofDefault('a'));
  await clock.settle();
  assert.deepEqual(found, ['d', 'c']);
  await end();
});

test('an unchanged status is not written', async () => {
  const { clock, server, client, start, end } = setUp({
    name: 'status-controller',
    for: Namespaces,
    async reconcile(key, cluster) {
      const namespace = cluster.get(Namespaces, key)!;
      await cluster.updateStatus(Namespaces, namespace, { phase: 'Active', conditions: undefined });
      return settled;
    },
  });
  await start().started;
  await client.create(Namespaces, { metadata: { name: 'a' } } as never);
  await clock.settle();
  assert.deepEqual(server.calls, ['create namespaces a', 'update namespaces/status a']);
  await end();
});
