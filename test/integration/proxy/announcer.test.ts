import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Services, type Service } from '../../../src/api/core/v1/types.ts';
import type { Clock } from '../../../src/base/clock.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import type { AnnouncedAddresses } from '../../../src/proxy/announced-addresses.ts';
import { keepAnnouncing } from '../../../src/proxy/announcer.ts';
import { startNodeProxy, type Companions } from './node-proxy.ts';

const address = '172.29.0.200';
const lifetimeMs = 40_000;
const web = { namespace: 'default', name: 'web' };
const balancer: Service = {
  metadata: web,
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
};

/** An interface whose addresses end as the kernel lets them end; `added` notes those that it did not have. */
class Interface implements AnnouncedAddresses {
  readonly added: string[] = [];
  looks = 0;
  readonly #ends = new Map<string, number>();
  /** While it is set, nothing is renewed before it settles. */
  hold: Promise<void> | undefined;
  readonly #clock: Clock;
  constructor(clock: Clock) {
    this.#clock = clock;
  }
  now(): string[] {
    return [...this.#ends].filter(([, end]) => end > this.#clock.monotonic()).map(([one]) => one);
  }
  list(): Promise<string[]> {
    this.looks++;
    return Promise.resolve(this.now());
  }
  add(one: string): Promise<void> {
    this.added.push(one);
    return this.renew([one]);
  }
  async renew(addresses: readonly string[]): Promise<void> {
    const asked = this.#clock.monotonic();
    await this.hold;
    for (const one of addresses) this.#ends.set(one, asked + lifetimeMs);
  }
  remove(one: string): Promise<void> {
    assert.ok(this.now().includes(one), `${one} is not there`);
    this.#ends.delete(one);
    return Promise.resolve();
  }
}

test('the address of a load balancer stays while an agent renews it, also a new one, and ends where none comes back', async () => {
  await using cluster = await startTestCluster({ loadBalancerRange: `${address}-${address}` });
  const { client, clock } = cluster;
  await client.create(Services, balancer);
  const there = new Interface(clock);
  const announce = (sources: Companions): Promise<void> => keepAnnouncing({ ...sources, addresses: there });
  const stays = async (forMs: number): Promise<void> => {
    for (let ms = 0; ms < forMs; ms += 1000) {
      await clock.advance(1000);
      assert.deepEqual(there.now(), [address], `after ${ms} ms`);
    }
  };
  {
    await using _first = startNodeProxy(cluster, announce);
    await cluster.until(() => there.now().length > 0);
    await stays(3 * lifetimeMs);
  }
  await stays(lifetimeMs / 2);
  {
    await using _second = startNodeProxy(cluster, announce);
    await stays(3 * lifetimeMs);
    assert.deepEqual(there.added, [address]);
    await there.remove(address); // somebody did
    await cluster.until(() => there.now().length > 0, 11_000);
    await client.delete(Services, web);
    await cluster.until(() => there.now().length === 0, 1000);
    await client.create(Services, balancer);
    await cluster.until(() => there.now().length > 0);
  }
  await clock.advance(lifetimeMs);
  assert.deepEqual(there.now(), []);
});

test('an agent that was held up for long looks around before it answers again', async () => {
  await using cluster = await startTestCluster({ loadBalancerRange: `${address}-${address}` });
  const { client, clock } = cluster;
  await client.create(Services, balancer);
  const there = new Interface(clock);
  await using _node = startNodeProxy(cluster, (sources) => keepAnnouncing({ ...sources, addresses: there }));
  await cluster.until(() => there.now().length > 0);
  const { promise, reject } = Promise.withResolvers<void>();
  there.hold = promise;
  await cluster.until(() => there.now().length === 0, lifetimeMs + 1000);
  there.hold = undefined;
  reject(new Error('it took too long'));
  assert.ok((await cluster.until(() => there.now().length > 0)) >= 5000);
  assert.deepEqual(there.added, [address, address]);
});

test('an agent without addresses to answer for does not look again, and answers for the first at once', async () => {
  await using cluster = await startTestCluster({ loadBalancerRange: `${address}-${address}` });
  const { client, clock } = cluster;
  const there = new Interface(clock);
  await using _node = startNodeProxy(cluster, (sources) => keepAnnouncing({ ...sources, addresses: there }));
  await cluster.until(() => there.looks > 0);
  await clock.advance(3 * lifetimeMs);
  assert.equal(there.looks, 1);
  await client.create(Services, balancer);
  await cluster.until(() => there.now().length > 0, 1000);
  assert.deepEqual(there.added, [address]);
});
