import type { Clock } from '../../../src/base/clock.ts';
import { silentLogger, type Logger } from '../../../src/base/logger.ts';
import type { Random } from '../../../src/base/random.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import type { TestCluster } from '../../../src/main/testing.ts';
import type { NodeView } from '../../../src/proxy/node-view.ts';
import { startProxy, type Proxy } from '../../../src/proxy/proxy.ts';

/** What a companion of the proxy is started with. */
export interface Companions {
  readonly proxy: Proxy;
  readonly node: NodeView;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Starts the proxy of the first node over a kernel that takes everything, and what goes with it, until it is disposed
 * of.
 */
export function startNodeProxy(
  { nodes, client, clock }: TestCluster,
  companion: (companions: Companions) => Promise<void>,
  log: Logger = silentLogger,
): AsyncDisposable {
  const [name = ''] = nodes();
  const node = { name, addresses: ['172.29.0.2'], podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };
  const stop = new AbortController();
  const sources = { clock, random: new SeededRandom(1), log, signal: stop.signal };
  const kernel = { transact: () => Promise.resolve(), forget: () => Promise.resolve() };
  const proxy = startProxy({ ...sources, client, podClient: client, node, kernel });
  const ended = companion({ ...sources, proxy, node });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([proxy.stopped, ended]);
    },
  };
}
