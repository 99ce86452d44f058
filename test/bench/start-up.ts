import { existsSync } from 'node:fs';
import { Pods, type Pod } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { createHttpTransport } from '../../src/client/node/http-transport.ts';
import { accessOf, readKubeconfigs } from '../../src/client/node/kubeconfig.ts';
import { pauseImage } from '../../src/local/pause-image.ts';
import { clusterPaths, type Home } from '../../src/local/paths.ts';
import { startLocalCluster, type LocalCluster } from '../kit/local-cluster.ts';
import { pause } from '../kit/server-process.ts';
import { bareNodeStart } from './floors.ts';
import type { Row } from './rows.ts';

const name = 'bench';
const askEveryMs = 5;

/** From the call of `up` to the API, to all nodes, and to a pod that runs: for a cluster of one node and one of three. */
export async function startUpRows(say: (text: string) => void): Promise<Row[]> {
  const bare = await bareNodeStart();
  const rows: Row[] = [];
  for (const [text, flags] of [
    ['one node', []],
    ['three nodes', ['--nodes', '3']],
  ] as const) {
    say(`a cluster of ${text}`);
    const began = systemClock.monotonic();
    const api = Promise.withResolvers<number>();
    await using cluster = await startLocalCluster(
      name,
      flags,
      (home) => void apiReady(home).then(api.resolve, api.reject),
    );
    const row = (what: string, at: number): Row => ({
      name: `up of ${text}, to ${what}`,
      value: at - began,
      unit: 'ms',
      floor: bare.ms,
      floorName: 'bare node process',
    });
    rows.push(row('the API ready', await api.promise), row('all nodes ready', began + cluster.upMs));
    // What the bench itself did meanwhile is not part of it.
    const asked = systemClock.monotonic();
    await firstPod(cluster);
    rows.push(row('the first pod running', began + cluster.upMs + systemClock.monotonic() - asked));
  }
  return rows;
}

/** When the API server first says that it is ready. */
async function apiReady(home: Home): Promise<number> {
  const { adminKubeconfig } = clusterPaths(home, name);
  while (!existsSync(adminKubeconfig)) await pause(askEveryMs);
  const access = await accessOf(await readKubeconfigs([adminKubeconfig]));
  await using transport = createHttpTransport(access, { clock: systemClock, userAgent: 'bench' });
  for (;;) {
    try {
      await transport.text('/readyz');
      return systemClock.monotonic();
    } catch {
      await pause(askEveryMs);
    }
  }
}

async function firstPod({ client }: LocalCluster): Promise<void> {
  const pod = {
    metadata: { name: 'first', namespace: 'default' },
    spec: { containers: [{ name: 'pause', image: pauseImage }] },
  };
  const { metadata } = await client.create(Pods, pod);
  const stop = new AbortController();
  const { resourceVersion = '' } = metadata;
  const options = { namespace: 'default', fieldSelector: 'metadata.name=first', resourceVersion, signal: stop.signal };
  for await (const event of client.watch(Pods, options)) if (event.type !== 'BOOKMARK' && runs(event.object)) break;
  stop.abort();
}

function runs({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}
