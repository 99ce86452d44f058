import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { Pods, Services } from '../../../src/api/core/v1/types.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { keepHealthChecks } from '../../../src/proxy/health-checks.ts';
import { startNodeProxy } from './node-proxy.ts';

const host = '127.0.0.1';
const web = { namespace: 'default', name: 'web' };

async function ask(port: number): Promise<string> {
  try {
    const answer = await fetch(`http://${host}:${port}/healthz`);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    const weight = answer.headers.get('x-load-balancing-endpoint-weight');
    return `${answer.status} weight ${weight} ${await answer.text()}`;
  } catch (error) {
    return String((error as { cause?: { code?: string } }).cause?.code);
  }
}

/** A port of those for nodes that somebody else has. */
async function takePort(): Promise<{ readonly port: number } & AsyncDisposable> {
  for (let port = 32_767; ; port--) {
    const server = createServer((socket) => socket.destroy()).listen({ port, host });
    const isTaken = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isTaken) continue;
    return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())) };
  }
}

test('a node answers on the health check port of a Service, once it can have it, until the Service is gone', async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  let port = 0;
  const warnings: unknown[] = [];
  const log = { ...silentLogger, warn: (_: string, fields?: Record<string, unknown>) => warnings.push(fields?.port) };
  await using _node = startNodeProxy(
    cluster,
    ({ node, ...sources }) => keepHealthChecks({ ...sources, nodeName: node.name, host }),
    { ...log, with: () => log },
  );
  const answers = (text: string): Promise<number> => cluster.until(async () => (await ask(port)).startsWith(text));
  {
    await using taken = await takePort();
    port = taken.port;
    await client.create(Services, {
      metadata: web,
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: port,
        selector: { app: 'web' },
        ports: [{ port: 80 }],
      },
    });
    await cluster.until(() => warnings.includes(port));
  }
  await answers('503 ');
  const about = (count: number): string =>
    `weight ${count} {"service":{"namespace":"default","name":"web"},"localEndpoints":${count},"serviceProxyHealthy":true}`;
  assert.equal(await ask(port), `503 ${about(0)}`);
  const pod = { namespace: 'default', name: 'one', labels: { app: 'web' } };
  await client.create(Pods, { metadata: pod, spec: { containers: [{ name: 'app', image: 'app:1' }] } });
  await answers('200 ');
  assert.equal(await ask(port), `200 ${about(1)}`);
  await client.delete(Pods, pod);
  await answers('503 ');
  await client.delete(Services, web);
  await answers('ECONNREFUSED');
});
