import { Pods, ServiceAccounts } from '../../src/api/core/v1/types.ts';
import { NetworkPolicies } from '../../src/api/networking/v1/types.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import { createHttpTransport } from '../../src/client/node/http-transport.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { enforcePolicies } from '../../src/proxy/policy/enforcer.ts';
import { startHttpsApi } from '../kit/https-api.ts';
import { oneElement, openBenchKernel } from './bench-kernel.ts';
import { percentiles } from './load.ts';
import type { Row } from './rows.ts';

const changes = 40;
const namespace = 'default';
const name = 'web';

/** From the write of a policy to its rules in the kernel, through the API over HTTPS and the enforcer. */
export async function policyRow(say: (text: string) => void): Promise<Row> {
  say('a network policy that changes');
  await using opened = new AsyncDisposableStack();
  const { kernel } = opened.use(await openBenchKernel());
  const api = opened.use(await startHttpsApi());
  const sources = { clock: systemClock, random: systemRandom, log: silentLogger };
  const client = createClient(
    opened.use(createHttpTransport(api.access, { clock: systemClock, userAgent: 'kube-proxy' })),
  );
  await client.create(ServiceAccounts, { metadata: { name: 'default', namespace } });
  const containers = [{ name: 'app', image: 'app:1' }];
  const { metadata: pod } = await client.create(Pods, {
    metadata: { name, namespace },
    spec: { nodeName: 'one', containers },
  });
  const status = { type: 'merge', body: { status: { podIP: '10.244.0.9' } } } as const;
  await client.patch(Pods, pod, status, { subresource: 'status' });
  let written = (_commands: string): void => {};
  const stop = new AbortController();
  const enforcer = enforcePolicies({
    ...sources,
    client,
    nodeName: 'one',
    kernel: {
      ...kernel,
      async transact(commands) {
        await kernel.transact(commands);
        written(commands);
      },
    },
    signal: stop.signal,
  });
  opened.defer(async () => {
    stop.abort();
    await enforcer.stopped;
  });
  await enforcer.started;
  const { metadata } = await client.create(NetworkPolicies, { metadata: { name, namespace }, spec: {} });
  const delays: number[] = [];
  for (let change = 1; change <= changes; change++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    written = (commands) => commands.includes(`tcp . ${change}-${change}`) && resolve();
    const began = systemClock.monotonic();
    const body = { spec: { ingress: [{ ports: [{ port: change, protocol: 'TCP' }] }] } };
    await client.patch(NetworkPolicies, metadata, { type: 'merge', body });
    await promise;
    delays.push(systemClock.monotonic() - began);
  }
  const { p50, p99 } = percentiles(delays);
  return {
    name: 'a network policy, from its write to the rules',
    value: p50,
    unit: 'ms',
    floor: await oneElement(kernel, changes),
    floorName: 'nft with one element in a small map',
    more: `p99 ${p99.toFixed(0)} ms`,
  };
}
