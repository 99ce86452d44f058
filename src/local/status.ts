import type { Clock } from '../base/clock.ts';
import { serverUrl } from './certificates.ts';
import { clusterNames, nodeName, readCluster } from './cluster-config.ts';
import { clusterPaths, type Home } from './paths.ts';
import { isRunning } from '../base/node/processes.ts';
import { connectAsAdmin, isServerReady, nodeStates, type NodeState } from './readiness.ts';
import { readRecords, type ProcessRecord } from './supervisor.ts';
import { isSupervised } from './supervisor-process.ts';

/** `running`: all is well; `unwell`: something is not ready; `stopped`: nothing looks after it; `half-made`: no configuration. */
export type ClusterState = 'running' | 'unwell' | 'stopped' | 'half-made';

export interface ClusterStatus {
  readonly name: string;
  readonly state: ClusterState;
  /** Where clients reach it; absent for half-made clusters. */
  readonly server?: string;
  readonly serverReady: boolean;
  readonly nodes: readonly NodeState[];
  readonly programs: readonly (ProcessRecord & { readonly running: boolean })[];
}

/** The state of all clusters on this machine. */
export async function clusterStatuses(home: Home, clock: Clock): Promise<ClusterStatus[]> {
  return await Promise.all((await clusterNames(home)).map((name) => clusterStatus(home, name, clock)));
}

/** The state of one cluster, whatever is there of it. */
export async function clusterStatus(home: Home, name: string, clock: Clock): Promise<ClusterStatus> {
  const cluster = await readCluster(home, name);
  if (cluster === undefined) return { name, state: 'half-made', serverReady: false, nodes: [], programs: [] };
  const records = await readRecords(clusterPaths(home, name).processes);
  const programs = await Promise.all(records.map(async (record) => ({ ...record, running: await isRunning(record) })));
  const { serverReady, nodes } = await ask();
  const expected = cluster.nodes.map((node) => nodeName(name, node.name));
  const allReady = serverReady && expected.every((node) => nodes.some((state) => state.name === node && state.ready));
  const supervised = await isSupervised(clusterPaths(home, name));
  const state = !supervised ? 'stopped' : allReady && programs.every(({ running }) => running) ? 'running' : 'unwell';
  return { name, state, server: serverUrl(cluster), serverReady, nodes, programs };

  async function ask(): Promise<{ serverReady: boolean; nodes: NodeState[] }> {
    try {
      await using api = await connectAsAdmin(home, cluster!, clock);
      if (!(await isServerReady(api))) return { serverReady: false, nodes: [] };
      return { serverReady: true, nodes: await nodeStates(api) };
    } catch {
      return { serverReady: false, nodes: [] };
    }
  }
}
