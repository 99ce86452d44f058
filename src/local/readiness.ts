import { readFile } from 'node:fs/promises';
import { Nodes, type Node } from '../api/core/v1/types.ts';
import type { KubeList } from '../apimachinery/object.ts';
import type { Clock } from '../base/clock.ts';
import { createHttpTransport, type HttpTransport } from '../client/node/http-transport.ts';
import { accessOf, readKubeconfigs } from '../client/node/kubeconfig.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { clusterPaths, type Home } from './paths.ts';
import { readRecords } from './supervisor.ts';

/** Talks to the cluster's API as its administrator. */
export async function connectAsAdmin(home: Home, cluster: ClusterConfig, clock: Clock): Promise<HttpTransport> {
  const access = await accessOf(await readKubeconfigs([clusterPaths(home, cluster.name).adminKubeconfig]));
  return createHttpTransport(access, { clock, userAgent: 'kubeling', timeoutMs: 5_000 });
}

/** Why the server is not ready, `undefined` when it is. */
export async function problemOfServer(api: Pick<HttpTransport, 'text'>): Promise<string | undefined> {
  try {
    if ((await api.text('/readyz')).startsWith('ok')) return undefined;
  } catch {
    // not yet, or not any more: the store may say why
  }
  const said = await api.text('/readyz/etcd').catch((error: Error) => error.message);
  const reason = /internal server error: (.*)/.exec(said)?.[1];
  return reason === undefined ? 'the API server is not ready' : `the API server is not ready: ${reason.trim()}`;
}

export interface NodeState {
  readonly name: string;
  readonly ready: boolean;
  /** Why not, as the kubelet says. */
  readonly message: string;
  /** When the kubelet last said so, in milliseconds. */
  readonly reportedAt: number;
}

/** The nodes that the API knows. Rejects when it cannot be asked. */
export async function nodeStates(api: HttpTransport): Promise<NodeState[]> {
  const list = (await api.call({ verb: 'list', type: Nodes })) as KubeList<Node>;
  return list.items.map(({ metadata, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return {
      name: metadata.name,
      ready: ready?.status === 'True',
      message: ready?.message ?? 'its agent has not said anything yet',
      reportedAt: Date.parse(ready?.lastHeartbeatTime ?? '') || 0,
    };
  });
}

/** A node that must have said that it is ready, at `since` (in milliseconds) or later. */
export interface Demand {
  readonly name: string;
  readonly since: number;
}

/** What is missing of the first node that is not ready, `undefined` when all are. */
export function unready(demands: readonly Demand[], states: readonly NodeState[]): string | undefined {
  for (const { name, since } of demands) {
    const state = states.find((one) => one.name === name);
    if (state === undefined) return `node ${name} is not ready: it has not joined`;
    // The API keeps whole seconds.
    if (state.reportedAt < Math.floor(since / 1000) * 1000) return `node ${name} is not ready: it has not come back`;
    if (!state.ready) return `node ${name} is not ready: ${state.message}`;
  }
  return undefined;
}

const waitMs = 120_000;
const pollMs = 100;
/** A program that ends this often does not come up by itself. */
const mostRestarts = 5;

/**
 * Waits until `holds` answers nothing; its answer says what is missing. Rejects with that after two minutes, or when one of
 * the programs ends again and again; then with the end of its log.
 */
export async function waitUntil(
  home: Home,
  cluster: string,
  clock: Clock,
  signal: AbortSignal,
  holds: () => Promise<string | undefined>,
): Promise<void> {
  const before = await restartsOf(home, cluster);
  const limit = clock.monotonic() + waitMs;
  for (;;) {
    const missing = await holds();
    if (missing === undefined) return;
    for (const [name, restarts] of await restartsOf(home, cluster))
      if (restarts - (before.get(name) ?? 0) >= mostRestarts)
        throw new Error(
          `Cannot start ${name}: it ends again and again; its log ends with\n${await logEnd(home, cluster, name)}`,
        );
    if (clock.monotonic() > limit) throw new Error(`Cannot wait longer than two minutes: ${missing}`);
    await clock.sleep(pollMs, signal);
  }
}

async function restartsOf(home: Home, cluster: string): Promise<Map<string, number>> {
  const records = await readRecords(clusterPaths(home, cluster).processes);
  return new Map(records.map(({ name, restarts }) => [name, restarts]));
}

const logLines = 15;

async function logEnd(home: Home, cluster: string, program: string): Promise<string> {
  const file = `${clusterPaths(home, cluster).logs}/${program.replace('/', '-')}.log`;
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-logLines).join('\n');
}
