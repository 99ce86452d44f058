import { Services } from '../../src/api/core/v1/types.ts';
import { EndpointSlices, type Endpoint } from '../../src/api/discovery/v1/types.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import { createHttpTransport } from '../../src/client/node/http-transport.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { startProxy } from '../../src/proxy/proxy.ts';
import { startHttpsApi } from '../kit/https-api.ts';
import { oneElement, openBenchKernel } from './bench-kernel.ts';
import { percentiles } from './load.ts';
import type { Row } from './rows.ts';

const changes = 40;
const namespace = 'default';
const name = 'web';
const node = { name: 'one', addresses: ['172.29.99.2'], podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };

/** From the write that makes an endpoint ready to the rule in the kernel, through the API over HTTPS and the proxy. */
export async function endpointRow(say: (text: string) => void): Promise<Row> {
  say('an endpoint that becomes ready');
  await using opened = new AsyncDisposableStack();
  const { kernel } = opened.use(await openBenchKernel());
  const api = opened.use(await startHttpsApi());
  const sources = { clock: systemClock, random: systemRandom, log: silentLogger };
  const client = createClient(
    opened.use(createHttpTransport(api.access, { clock: systemClock, userAgent: 'kube-proxy' })),
  );
  await client.create(Services, { metadata: { name, namespace }, spec: { ports: [{ port: 80, targetPort: 8080 }] } });
  const { metadata } = await client.create(EndpointSlices, {
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: endpoints(false),
  });
  let applied = (_resourceVersion: string): void => {};
  const stop = new AbortController();
  const proxy = startProxy({
    ...sources,
    client,
    podClient: client,
    node,
    kernel,
    signal: stop.signal,
    onApplied: (resourceVersion) => applied(resourceVersion),
  });
  opened.defer(async () => {
    stop.abort();
    await proxy.stopped;
  });
  await proxy.started;
  const delays: number[] = [];
  for (let change = 1; change <= changes; change++) {
    const { promise, resolve } = Promise.withResolvers<number>();
    let wanted = Infinity;
    let newest = 0;
    applied = (resourceVersion) => {
      newest = Number(resourceVersion);
      if (newest >= wanted) resolve(systemClock.monotonic());
    };
    const began = systemClock.monotonic();
    const body = { endpoints: endpoints(change % 2 === 1) };
    wanted = Number((await client.patch(EndpointSlices, metadata, { type: 'merge', body })).metadata.resourceVersion);
    if (newest >= wanted) resolve(systemClock.monotonic());
    delays.push((await promise) - began);
  }
  const { p50, p99 } = percentiles(delays);
  return {
    name: 'an endpoint ready, from its write to the rule',
    value: p50,
    unit: 'ms',
    floor: await oneElement(kernel, changes),
    floorName: 'nft with one element in a small map',
    more: `p99 ${p99.toFixed(0)} ms`,
  };
}

function endpoints(ready: boolean): Endpoint[] {
  return [{ addresses: ['10.244.9.9'], conditions: { ready, serving: ready, terminating: false }, nodeName: 'two' }];
}
