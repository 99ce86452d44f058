import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Services } from '../../../src/api/core/v1/types.ts';
import { EndpointSlices } from '../../../src/api/discovery/v1/types.ts';
import { ingressGroup, ingressUser } from '../../../src/api/networking/ingress-user.ts';
import { IngressClasses, Ingresses } from '../../../src/api/networking/v1/types.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import type { Client } from '../../../src/client/client.ts';
import { startIngress } from '../../../src/ingress/ingress.ts';
import type { IngressProxy } from '../../../src/ingress/nginx/nginx-writer.ts';
import { startTestCluster } from '../../../src/main/testing.ts';

/** An nginx that remembers what it was told last. */
class TestNginx implements IngressProxy {
  hosts: readonly string[] = [];
  endpoints: ReadonlyMap<string, string> = new Map();
  configurationOf = () => ({ text: '', generation: 'one' });
  refusal = () => Promise.resolve(undefined);
  isRunning = () => Promise.resolve(true);
  rotateLog = () => Promise.resolve();
  apply: IngressProxy['apply'] = ({ servers }, _configuration, endpoints) => {
    this.hosts = servers.map(({ host }) => host);
    this.endpoints = endpoints;
    return Promise.resolve();
  };
}

async function createServed(client: Client, name: string): Promise<void> {
  const metadata = { name, namespace: 'default' };
  const backend = { service: { name, port: { number: 80 } } };
  const http = { paths: [{ path: '/', pathType: 'Prefix' as const, backend }] };
  await client.create(Services, { metadata, spec: { selector: { app: name }, ports: [{ port: 80 }] } });
  await client.create(Ingresses, {
    metadata,
    spec: { ingressClassName: 'nginx', rules: [{ host: `${name}.example.com`, http }] },
  });
}

test('a Service that selects no pod has an EndpointSlice without lists, and every Ingress is served all the same', async () => {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await startTestCluster());
  const { client, clock } = cluster;
  const nginx = new TestNginx();
  const stop = new AbortController();
  const running = startIngress({
    client: cluster.clientOf({ name: ingressUser('node-1'), groups: [ingressGroup, 'system:authenticated'] }),
    clock,
    random: new SeededRandom(1),
    log: silentLogger,
    signal: stop.signal,
    nodeName: 'node-1',
    openNginx: () => Promise.resolve(nginx),
  });
  opened.defer(async () => {
    stop.abort();
    await running.stopped;
  });
  await client.create(IngressClasses, { metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/ingress-nginx' } });

  await createServed(client, 'empty');
  const slices = async () =>
    (await client.list(EndpointSlices, { namespace: 'default' })).items.filter(({ metadata }) =>
      metadata.name.startsWith('empty-'),
    );
  await cluster.until(async () => (await slices()).length > 0);
  const [slice] = await slices();
  assert.deepEqual([slice!.endpoints, slice!.ports], [null, null]);
  await cluster.until(() => nginx.hosts.includes('empty.example.com'));
  await createServed(client, 'later');
  await cluster.until(() => nginx.hosts.includes('later.example.com'));
  assert.deepEqual([...nginx.endpoints], []);
});
