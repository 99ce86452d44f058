import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Ingresses } from '../../src/api/networking/v1/types.ts';
import { listProcesses } from '../../src/base/node/processes.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { controlOf } from '../../src/ingress/nginx/control.ts';
import { nginxFolder } from '../../src/ingress/nginx/folder.ts';
import { get, seenBy } from './ingress-client.ts';
import { startLoad, type LoadOptions } from './ingress-load.ts';
import {
  cannotRunNginx,
  servicePort,
  startBackend,
  startIngressCluster,
  type IngressCluster,
  type TestBackend,
} from './ingress-cluster.ts';

const skip = cannotRunNginx() ?? false;
const url = 'http://rollout.example.com/';
const loads: LoadOptions[] = [
  { url, clients: 2, keepAlive: false },
  { url, clients: 2, keepAlive: false, method: 'POST' },
  { url, clients: 2, keepAlive: true },
  { url, clients: 2, keepAlive: true, method: 'POST' },
];

describe('an Ingress under load', { skip }, () => {
  let cluster: IngressCluster;
  let backends: TestBackend[] = [];
  let next = 10;
  const startNext = () => startBackend(`backend-${next}`, `192.0.2.${next++}`);
  before(async () => {
    cluster = await startIngressCluster();
    backends = [await startNext(), await startNext(), await startNext()];
    await cluster.createService('rollout', backends);
    const backend = { service: { name: 'rollout', port: { number: servicePort } } };
    const http = { paths: [{ path: '/', pathType: 'Prefix' as const, backend }] };
    await cluster.createIngress('rollout', { rules: [{ host: 'rollout.example.com', http }] });
    await cluster.untilServed(
      'it is served',
      async () => (await startLoad(cluster, loads[0]!)()).failures.length === 0,
    );
  });
  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    for (const backend of backends) await backend[Symbol.asyncDispose]();
  });

  async function workers(): Promise<string> {
    const all = (await listProcesses()).filter(({ folder }) => folder === cluster.folder);
    return all.map(({ pid }) => pid).join(' ');
  }

  /** Names the configuration that nginx works by. */
  const generation = () => controlOf(nginxFolder(cluster.folder).controlSocket, systemClock).generation();

  test('loses no request when all endpoints are replaced, again and again, and is not reloaded', async () => {
    const before = await workers();
    const stops = loads.map((load) => startLoad(cluster, load));
    for (let round = 0; round < 15; round++) {
      const replacement = await startNext();
      const leaving = backends.shift()!;
      await reach(await cluster.setEndpoints('rollout', [...backends, leaving, replacement]));
      backends.push(replacement);
      await reach(await cluster.setEndpoints('rollout', backends));
      // From here nothing new may come to it: it ends as most servers do at SIGTERM.
      const closed = once(leaving.server, 'close');
      leaving.server.close();
      await closed;
    }
    for (const stop of stops) {
      const { failures, by } = await stop();
      assert.deepEqual(failures, []);
      assert.ok(Object.keys(by).length >= 5, `only ${Object.keys(by).join(', ')} were asked`);
    }
    assert.equal(await workers(), before);
  });

  test('spreads requests evenly', async () => {
    const count = new Map<string, number>();
    for (let asked = 0; asked < 300; asked++) {
      const name = seenBy(await get(cluster, url));
      count.set(name, (count.get(name) ?? 0) + 1);
    }
    assert.equal(count.size, backends.length);
    for (const [name, answers] of count)
      assert.ok(answers >= 80 && answers <= 120, `${name} answers ${answers} of 300`);
  });

  test('asks another endpoint when one does not answer, and loses nothing', async () => {
    const dead = { address: '192.0.2.99' };
    await reach(await cluster.setEndpoints('rollout', [dead, ...backends]));
    const stops = loads.map((load) => startLoad(cluster, load));
    await cluster.until('requests were answered', async () => (await startLoad(cluster, loads[0]!)()).answered > 0);
    for (const stop of stops) assert.deepEqual((await stop()).failures, []);
    await reach(await cluster.setEndpoints('rollout', backends));
  });

  test('loses no request when routes change and nginx reloads', async () => {
    const stops = loads.filter(({ method }) => method !== 'POST').map((load) => startLoad(cluster, load));
    for (let round = 0; round < 5; round++) {
      const key = { name: 'rollout', namespace: 'default' };
      const body = { metadata: { annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': `${2 + round}m` } } };
      const before = await generation();
      await cluster.client.patch(Ingresses, key, { type: 'merge', body });
      await cluster.untilServed('nginx works by another configuration', async () => (await generation()) !== before);
    }
    for (const stop of stops) assert.deepEqual((await stop()).failures, []);
  });

  /** Waits until nginx is said to work with this version of the endpoints. */
  async function reach({ metadata }: { metadata: { resourceVersion?: string } }): Promise<void> {
    const wanted = Number(metadata.resourceVersion);
    await cluster.until(`version ${wanted} is applied`, () => Number(cluster.applied.at(-1)) >= wanted);
  }
});
