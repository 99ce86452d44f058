import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { writeFileAtomically } from '../base/node/files.ts';
import { readKubeconfigs, writeKubeconfig, type KubeconfigPlace } from '../client/node/kubeconfig.ts';
import { writeAdmin, writeIdentities, type ClusterAuthority } from './certificates.ts';
import { hostNamesOf, mappedPorts, nodeName, type ClusterConfig, type ClusterNode } from './cluster-config.ts';
import { forwardingNote } from './down.ts';
import { loadPauseImage } from './images.ts';
import { createIngressClass } from './ingress-class.ts';
import { createStorageClass } from './storage-class.ts';
import { allowForwarding, makeHostNetwork } from './network.ts';
import { labelNodes } from './node-roles.ts';
import { clusterPaths, nodePaths, type Home } from './paths.ts';
import { isOn, switchOff, switchOn } from './power.ts';
import { agentConfig, serverConfig, type Launcher } from './programs.ts';
import { connectAsAdmin, nodeStates, problemOfServer, unready, waitUntil } from './readiness.ts';
import { machineResolver } from './resolver.ts';
import { isSupervised, startSupervisor } from './supervisor-process.ts';

export interface StartOptions {
  readonly home: Home;
  readonly name: string;
  readonly kubeconfig: KubeconfigPlace;
  readonly clock: Clock;
  /** Gives up. */
  readonly signal: AbortSignal;
  readonly launcher: Launcher;
  /** Makes the cluster's authority where it is missing. */
  readonly authority: (cluster: ClusterConfig) => Promise<ClusterAuthority>;
  /** Rejects where the API server could not use the configuration in this file, if there is one. */
  readonly checkApiConfig: (file: string) => Promise<void>;
}

/** A part of the work, shown to the user as a line. */
export interface Step {
  readonly title: string;
  run(report: (text: string) => void): Promise<void>;
}

/**
 * What brings a cluster to life that is new, or stands still as a whole or in part; what runs already is kept. Of the
 * nodes that are off only `nodes` are switched on.
 */
export function startSteps(options: StartOptions, cluster: ClusterConfig, nodes = cluster.nodes): Step[] {
  const { home, name, clock, signal } = options;
  const paths = clusterPaths(home, name);
  const wait = (holds: () => Promise<string | undefined>): Promise<void> => waitUntil(home, name, clock, signal, holds);
  let off: readonly ClusterNode[];
  let began: number;
  return [
    { title: 'Write the configuration', run: () => writeConfiguration(options, cluster) },
    {
      title: 'Make the network',
      run: async () => {
        began = clock.now();
        off = await nodesThatAreOff(home, cluster, nodes);
        await forEachOf(off, (node) => switchOff(home, cluster, node, clock)); // what a crash has left
        await makeNetwork(home, cluster);
      },
    },
    {
      title: 'Start the programs',
      run: async () => {
        await forEachOf(off, (node) => switchOn(home, cluster, node));
        if (!(await isSupervised(paths))) startSupervisor(paths, options.launcher);
        await forEachOf(nodes, async (node) => {
          const { containerdSocket } = nodePaths(home, name, node.name);
          await wait(async () =>
            existsSync(containerdSocket) ? undefined : `containerd of node ${node.name} does not answer`,
          );
          await loadPauseImage(containerdSocket);
        });
      },
    },
    ...waitSteps(options, cluster, nodes, (node) => (off.includes(node) ? began : 0)),
  ];
}

/**
 * What is left to do of a cluster whose programs are started: `since` says from when on a node must have said that it is
 * ready, in milliseconds. All of it has been done where a cluster was not given up halfway.
 */
export function waitSteps(
  options: StartOptions,
  cluster: ClusterConfig,
  nodes = cluster.nodes,
  since: (node: ClusterNode) => number = () => 0,
): Step[] {
  const { home, name, clock, signal } = options;
  const wait = (holds: () => Promise<string | undefined>): Promise<void> => waitUntil(home, name, clock, signal, holds);
  return [
    {
      title: 'Wait for the control plane',
      run: async () => {
        await using api = await connectAsAdmin(home, cluster, clock);
        await wait(() => problemOfServer(api));
        await createIngressClass(api);
        await createStorageClass(api);
      },
    },
    {
      title: 'Wait for the nodes',
      run: async () => {
        await using api = await connectAsAdmin(home, cluster, clock);
        const demands = nodes.map((node) => ({ name: nodeName(name, node.name), since: since(node) }));
        await wait(async () => unready(demands, await nodeStates(api).catch(() => [])));
        await labelNodes(api, cluster);
      },
    },
  ];
}

/** What lets the user's clients use the cluster. */
export function kubeconfigStep(options: StartOptions, cluster: ClusterConfig): Step {
  const { home, kubeconfig, clock } = options;
  return {
    title: 'Write the kubeconfig',
    async run(report) {
      await writeAdmin(home, cluster, await options.authority(cluster)); // a cluster may have run for a year
      const { adminKubeconfig } = clusterPaths(home, cluster.name);
      report(await writeKubeconfig(kubeconfig, await readKubeconfigs([adminKubeconfig]), clock));
    },
  };
}

async function nodesThatAreOff(
  home: Home,
  cluster: ClusterConfig,
  nodes: readonly ClusterNode[],
): Promise<ClusterNode[]> {
  const states = await Promise.all(nodes.map((node) => isOn(home, cluster, node)));
  return nodes.filter((_, index) => !states[index]);
}

async function writeConfiguration(options: StartOptions, cluster: ClusterConfig): Promise<void> {
  const { home } = options;
  const paths = clusterPaths(home, cluster.name);
  await mkdir(paths.run, { recursive: true });
  await mkdir(paths.logs, { recursive: true });
  await writeIdentities(home, cluster, await options.authority(cluster));
  await writeJson(paths.serverConfig, serverConfig(home, cluster));
  const { file } = await machineResolver();
  await forEachOf(cluster.nodes, async (node) => {
    const files = nodePaths(home, cluster.name, node.name);
    for (const folder of [files.kubelet, files.podLogs]) await mkdir(folder, { recursive: true });
    await writeJson(files.agentConfig, agentConfig(home, cluster, node, file));
  });
}

async function makeNetwork(home: Home, cluster: ClusterConfig): Promise<void> {
  const names = hostNamesOf(home, cluster.name);
  if (await allowForwarding()) await writeFile(forwardingNote(home), '');
  await makeHostNetwork(names, cluster.ranges, `kubeling cluster ${cluster.name}`, mappedPorts(cluster));
}

/** All at once. When one fails the others come to their end before the failure is told: nothing works on behind it. */
async function forEachOf(nodes: readonly ClusterNode[], work: (node: ClusterNode) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(nodes.map(work));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}
