import { startApiServer, type ApiServer, type ApiServerOptions } from '../../src/apiserver/api-server.ts';
import { newSigningKey } from '../../src/apiserver/auth/certificates.ts';
import { TokenKeys } from '../../src/apiserver/auth/json-web-token.ts';
import type { ServerConfig } from '../../src/apiserver/context.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import { MemoryStore } from '../../src/store/memory/memory-store.ts';

/** What of an API server a test may set; its network is the usual one. */
export interface MemoryApiOptions extends Partial<Omit<ApiServerOptions, 'config'>> {
  readonly config?: Partial<ServerConfig>;
}

/** Leaves revisions out, as a store does that others write to as well. */
export function gappedStore(clock: Clock = systemClock): MemoryStore {
  return new MemoryStore({ clock, nextRevision: (revision) => revision + 1 + (revision % 3) });
}

/** An API server in this process, on real time, over a store in memory. Nothing writes to it but the test. */
export async function startMemoryApi({ config, ...options }: MemoryApiOptions = {}): Promise<ApiServer> {
  return startApiServer({
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    store: gappedStore(),
    clientAuthorities: [],
    tokenKeys: new TokenKeys([newSigningKey()]),
    config: {
      serviceCidr: '10.96.0.0/16',
      clusterDns: '10.96.0.10',
      nodePorts: { from: 30000, to: 32767 },
      issuer: 'https://issuer',
      audiences: ['https://issuer'],
      advertise: { host: '127.0.0.1', port: 6443 },
      ...config,
    },
    ...options,
  });
}
