import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { AgentProgramConfig } from '../local/program-config.ts';
import { machineFolders } from '../volumes/machine-folders.ts';
import { startVolumes } from '../volumes/volumes.ts';
import { connectAs } from './agent-client.ts';

/** Makes volumes of this node's disk for claims, as a user of its own. They stay when it ends. */
export async function startAgentVolumes(
  { node, volumesFolder, pki }: AgentProgramConfig,
  { clock, random, log }: { clock: Clock; random: Random; log: Logger },
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const { client } = opened.use(await connectAs('volumes', pki.clients.volumes, { clock, random, log }));
  const stop = new AbortController();
  const stopped = startVolumes({
    client,
    clock,
    random,
    log: log.with({ component: 'volumes' }),
    signal: stop.signal,
    nodeName: node,
    folders: machineFolders(volumesFolder),
  });
  opened.defer(async () => {
    stop.abort();
    await stopped;
  });
  const resources = opened.move();
  return { [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
