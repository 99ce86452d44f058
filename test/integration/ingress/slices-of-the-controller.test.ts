import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Services } from '../../../src/api/core/v1/types.ts';
import { EndpointSlices } from '../../../src/api/discovery/v1/types.ts';
import { Ingresses } from '../../../src/api/networking/v1/types.ts';
import type { Client } from '../../../src/client/client.ts';
import type { IngressProxy } from '../../../src/ingress/nginx/nginx-writer.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { createIngressClass, startIngressOn, TestNginx } from './one-ingress.ts';

/** An nginx that remembers what it was told last. */
class RoutesNginx extends TestNginx {
  hosts: readonly string[] = [];
  endpoints: ReadonlyMap<string, string> = new Map();
  override apply(...[{ servers }, , endpoints]: Parameters<IngressProxy['apply']>): Promise<void> {
    this.hosts = servers.map(({ host }) => host);
    this.endpoints = endpoints;
    return Promise.resolve();
  }
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
  const { client } = cluster;
  const nginx = new RoutesNginx();
  opened.defer(startIngressOn(cluster, 'node-1', { openNginx: () => Promise.resolve(nginx) }));
  await createIngressClass(client);

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
