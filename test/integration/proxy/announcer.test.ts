import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Services } from '../../../src/api/core/v1/types.ts';
import type { Clock } from '../../../src/base/clock.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import type { AnnouncedAddresses } from '../../../src/proxy/announced-addresses.ts';
import { keepAnnouncing } from '../../../src/proxy/announcer.ts';
import { startNodeProxy, type Companions } from './node-proxy.ts';

const address = '172.29.0.200';
const lifetimeMs = 40_000;
const web = { namespace: 'default', name: 'web' };

/** An interface whose addresses end as the kernel lets them end; `added` notes those that it did not have. */
class Interface implements AnnouncedAddresses {
  readonly added: string[] = [];
  readonly #ends = new Map<string, number>();
  readonly #clock: Clock;
  constructor(clock: Clock) {
    this.#clock = clock;
  }
  now(): string[] {
    return [...this.#ends].filter(([, end]) => end > this.#clock.monotonic()).map(([one]) => one);
  }
  list(): Promise<string[]> {
    return Promise.resolve(this.now());
  }
  add(one: string): Promise<void> {
    this.added.push(one);
    return this.renew([one]);
  }
  renew(addresses: readonly string[]): Promise<void> {
    for (const one of addresses) this.#ends.set(one, this.#clock.monotonic() + lifetimeMs);
    return Promise.resolve();
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
  await client.create(Services, {
    metadata: web,
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
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
    await client.create(Services, {
      metadata: web,
      spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    await cluster.until(() => there.now().length > 0);
  }
  await clock.advance(lifetimeMs);
  assert.deepEqual(there.now(), []);
});
