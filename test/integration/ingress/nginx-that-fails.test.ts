import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nodes } from '../../../src/api/core/v1/types.ts';
import { Ingresses } from '../../../src/api/networking/v1/types.ts';
import type { IngressProxy } from '../../../src/ingress/nginx/nginx-writer.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { createIngressClass, startIngressOn, TestNginx } from './one-ingress.ts';

/** The machine's side of one node: an nginx that can be opened, starts and runs on just as the test wants. */
class FailingNginx extends TestNginx {
  opens = true;
  starts = true;
  runs = false;
  /** When it was tried to open or start it, in milliseconds since the first time. */
  readonly attempts: number[] = [];
  readonly told: boolean[] = [];
  readonly #now: () => number;
  #began: number | undefined;

  constructor(now: () => number) {
    super();
    this.#now = now;
  }

  open(): Promise<IngressProxy> {
    if (this.opens) return Promise.resolve(this);
    this.#note();
    return Promise.reject(new Error('Cannot run nginx: its module for Lua is missing'));
  }
  end(): void {
    this.runs = false;
    this.ended();
  }
  override isRunning = () => Promise.resolve(this.runs);
  override apply(): Promise<void> {
    if (this.runs) return Promise.resolve();
    this.#note();
    this.runs = this.starts;
    return this.starts ? Promise.resolve() : Promise.reject(new Error('Cannot start nginx: port 80 is taken'));
  }

  #note(): void {
    this.#began ??= this.#now();
    this.attempts.push(this.#now() - this.#began);
  }
}

async function setUp(prepare: (nginxes: Record<string, FailingNginx>) => void) {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await startTestCluster({ nodes: 3 }));
  const { clock, client } = cluster;
  // node-3 has no ingress at all.
  const nginxes = Object.fromEntries(
    ['node-1', 'node-2'].map((name) => [name, new FailingNginx(() => clock.monotonic())]),
  );
  prepare(nginxes);
  for (const [nodeName, nginx] of Object.entries(nginxes)) {
    const onRunning = (isRunning: boolean) => void nginx.told.push(isRunning);
    opened.defer(startIngressOn(cluster, nodeName, { openNginx: () => nginx.open(), onRunning }));
  }
  await createIngressClass(client);
  const rules = [{ host: 'shop.example.com' }];
  await client.create(Ingresses, {
    metadata: { name: 'shop', namespace: 'default' },
    spec: { ingressClassName: 'nginx', rules },
  });
  const addresses = async () => {
    const { status } = await client.get(Ingresses, { name: 'shop', namespace: 'default' });
    return (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip).join(' ');
  };
  const resources = opened.move();
  return {
    cluster,
    first: nginxes['node-1']!,
    addresses,
    shows: (want: string) => cluster.until(async () => (await addresses()) === want),
    condition: async (name: string) => {
      const { status } = await client.get(Nodes, { name });
      const found = status?.conditions?.find(({ type }) => type === 'IngressReady');
      return found && `${found.status} ${found.reason}: ${found.message}`;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

for (const [what, holds, message] of [
  ['cannot be run', 'opens', 'Cannot run nginx: its module for Lua is missing'],
  ['does not start', 'starts', 'Cannot start nginx: port 80 is taken'],
] as const)
  test(`a node whose nginx ${what} tries again and again, and is shown as soon as it serves`, async () => {
    await using world = await setUp((nginxes) => (nginxes['node-1']![holds] = false));
    const { cluster, first, shows, condition } = world;
    await shows('192.0.2.11');
    await cluster.clock.advance(2500);
    assert.deepEqual(first.attempts, [0, 100, 300, 700, 1500, 3100]);
    assert.equal(await condition('node-1'), `False NginxDoesNotRun: ${message}`);
    assert.match((await condition('node-2'))!, /^True NginxRuns: /);
    assert.equal(await condition('node-3'), undefined);
    assert.equal(await world.addresses(), '192.0.2.11');
    first[holds] = true;
    await shows('192.0.2.10 192.0.2.11');
    assert.deepEqual(first.told, [true]);
  });

test('a node whose nginx ends and cannot be started again is shown no more', async () => {
  await using world = await setUp(() => {});
  const { cluster, first, shows } = world;
  await shows('192.0.2.10 192.0.2.11');
  first.end();
  await cluster.clock.advance(1000);
  assert.equal(first.runs, true);
  assert.equal(await world.addresses(), '192.0.2.10 192.0.2.11');
  first.starts = false;
  first.end();
  await shows('192.0.2.11');
  assert.deepEqual(first.told, [true, false]);
});

test('an Ingress has no address before every nginx has had the time to take it over', async () => {
  await using world = await setUp(() => {});
  await world.cluster.clock.advance(500);
  assert.equal(await world.addresses(), '');
  await world.cluster.clock.advance(2000);
  assert.equal(await world.addresses(), '192.0.2.10 192.0.2.11');
});
