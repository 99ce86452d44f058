import { statfs } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { clientUrl } from './certificates.ts';
import { clusterNames, nodeName, readCluster, type ClusterConfig } from './cluster-config.ts';
import type { NodeRole } from './cluster-spec.ts';
import { isOn } from './power.ts';
import { clusterPaths, type Home } from './paths.ts';
import { isRunning } from '../base/node/processes.ts';
import { connectAsAdmin, nodeStates, problemOfServer, type NodeState } from './readiness.ts';
import { readRecords, type ProcessRecord } from './supervisor.ts';
import { isSupervised } from './supervisor-process.ts';
import { troublesOf, type Trouble } from './troubles.ts';

/**
 * `running`: all is well; `unwell`: something is not ready; `stopped`: nothing looks after it; `half-made`: no
 * configuration.
 */
export type ClusterState = 'running' | 'unwell' | 'stopped' | 'half-made';

export interface NodeStatus {
  readonly name: string;
  readonly role: NodeRole;
  readonly address: string;
  /** Whether it is switched on. */
  readonly on: boolean;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly message: string;
}

export interface ClusterStatus {
  readonly name: string;
  readonly state: ClusterState;
  /** Where clients reach it; absent for half-made clusters. */
  readonly server?: string;
  readonly serverReady: boolean;
  /** What is wrong beside nodes and programs: a full disk, what the server says of itself. */
  readonly problems: readonly string[];
  /** What of the user's hangs; absent where not all of it was read. */
  readonly troubles?: readonly Trouble[];
  readonly nodes: readonly NodeStatus[];
  readonly programs: readonly (ProcessRecord & { readonly running: boolean })[];
}

/** The state of all clusters on this machine. */
export async function clusterStatuses(home: Home, clock: Clock): Promise<ClusterStatus[]> {
  return await Promise.all((await clusterNames(home)).map((name) => clusterStatus(home, name, clock)));
}

/** The state of one cluster, whatever is there of it. */
async function clusterStatus(home: Home, name: string, clock: Clock): Promise<ClusterStatus> {
  const cluster = await readCluster(home, name);
  if (cluster === undefined)
    return { name, state: 'half-made', serverReady: false, problems: [], nodes: [], programs: [] };
  const records = await readRecords(clusterPaths(home, name).processes);
  const programs = await Promise.all(records.map(async (record) => ({ ...record, running: await isRunning(record) })));
  const { serverReady, serverProblem, states } = await ask();
  const supervised = await isSupervised(clusterPaths(home, name));
  const nodes = await Promise.all(
    cluster.nodes.map(async (node): Promise<NodeStatus> => {
      const { role, address } = node;
      const shown = states.find((state) => state.name === nodeName(name, node.name));
      const on = await isOn(home, cluster, node);
      const message = on ? (shown?.message ?? 'the API server does not tell') : 'it is stopped';
      return { name: nodeName(name, node.name), role, address, on, ready: on && shown?.ready === true, message };
    }),
  );
  const state = !supervised ? 'stopped' : serverReady && isWell(cluster, nodes, programs) ? 'running' : 'unwell';
  const problems = [await diskProblem(home), supervised ? serverProblem : undefined].filter((one) => one !== undefined);
  const server = clientUrl(cluster);
  return { name, state, server, serverReady, problems, nodes, programs };

  async function ask(): Promise<Answers> {
    try {
      await using api = await connectAsAdmin(home, cluster!, clock);
      const serverProblem = await problemOfServer(api);
      if (serverProblem !== undefined) return { serverReady: false, serverProblem, states: [] };
      return { serverReady: true, states: await nodeStates(api) };
    } catch {
      return { serverReady: false, states: [] };
    }
  }
}

interface Answers {
  readonly serverReady: boolean;
  readonly serverProblem?: string;
  readonly states: readonly NodeState[];
}

/** As {@link clusterStatus}, with what of the user's hangs. */
export async function wholeStatus(home: Home, name: string, clock: Clock): Promise<ClusterStatus> {
  const status = await clusterStatus(home, name, clock);
  const cluster = await readCluster(home, name);
  if (!status.serverReady || cluster === undefined) return status;
  try {
    await using api = await connectAsAdmin(home, cluster, clock);
    return { ...status, troubles: await troublesOf(api, clock.now()) };
  } catch {
    return status;
  }
}

/** Below this share of the disk nothing is sure to be written. */
const leastDisk = 0.01;

async function diskProblem({ data }: Home): Promise<string | undefined> {
  const { bavail, blocks } = await statfs(data);
  return bavail < blocks * leastDisk ? `the disk of ${data} is full` : undefined;
}

/** What ran on a node that is switched off is missed by nobody. */
function isWell(cluster: ClusterConfig, nodes: readonly NodeStatus[], programs: ClusterStatus['programs']): boolean {
  const off = cluster.nodes.filter((_, index) => !nodes[index]!.on);
  const isMissed = (program: string): boolean => !off.some(({ name }) => program.endsWith(`/${name}`));
  return (
    nodes.every(({ on, ready }) => ready || !on) && programs.every(({ name, running }) => running || !isMissed(name))
  );
}
