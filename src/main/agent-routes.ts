import { Nodes } from '../api/core/v1/types.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { createInformer } from '../client/informer-cache.ts';
import type { AgentProgramConfig } from '../local/program-config.ts';
import { keepPodRoutes } from '../network/route-keeper.ts';
import { machineRoutes } from '../network/route-table.ts';
import { connectAs } from './agent-client.ts';

/** Keeps the routes from this node to the pods of the others; as the proxy's user, for a kubelet may read its own node only. */
export async function startPodRoutes(
  { node, pki }: AgentProgramConfig,
  { clock, random, log }: { clock: Clock; random: Random; log: Logger },
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const { client } = opened.use(await connectAs('kube-proxy', pki.clients.proxy, clock));
  const stop = new AbortController();
  const { signal } = stop;
  const nodes = createInformer(client, Nodes, { clock, random, log, signal });
  const kept = keepPodRoutes({ nodes, self: node, table: machineRoutes, clock, log, signal });
  opened.defer(async () => {
    stop.abort();
    await kept;
  });
  const resources = opened.move();
  return { [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
