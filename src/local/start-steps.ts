import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { makePrivateFolder, writeFileAtomically } from '../base/node/files.ts';
import { readKubeconfigs, writeKubeconfig, type KubeconfigPlace } from '../client/node/kubeconfig.ts';
import { writeIdentities, type ClusterAuthority } from './certificates.ts';
import { hostNamesOf, mappedPorts, nodeName, type ClusterConfig, type ClusterNode } from './cluster-config.ts';
import { prepareContainerd } from './containerd.ts';
import { forwardingNote } from './down.ts';
import { loadPauseImage } from './images.ts';
import { allowForwarding, makeHostNetwork, makeNodeNetwork } from './network.ts';
import { labelNodes } from './node-roles.ts';
import { clusterPaths, nodePaths, type Home } from './paths.ts';
import { agentConfig, serverConfig, type Launcher } from './programs.ts';
import { connectAsAdmin, isServerReady, nodeStates, waitUntil } from './readiness.ts';
import { machineResolver } from './resolver.ts';
import { startSupervisor } from './supervisor-process.ts';

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
}

/** A part of the work, shown to the user as a line. */
export interface Step {
  readonly title: string;
  run(report: (text: string) => void): Promise<void>;
}

/** What brings a cluster to life that is new or stands still; what is there already is kept. */
export function startSteps(options: StartOptions, cluster: ClusterConfig): Step[] {
  const { home, name, clock, signal } = options;
  const paths = clusterPaths(home, name);
  const wait = (holds: () => Promise<string | undefined>): Promise<void> => waitUntil(home, name, clock, signal, holds);
  return [
    {
      title: 'Write the configuration',
      run: () => writeConfiguration(options, cluster),
    },
    { title: 'Make the network', run: () => makeNetwork(home, cluster) },
    {
      title: 'Start the programs',
      run: async () => {
        await forEachNode(cluster, (node) => prepareContainerd(nodePaths(home, name, node.name)));
        startSupervisor(paths, options.launcher);
        await forEachNode(cluster, async (node) => {
          const { containerdSocket } = nodePaths(home, name, node.name);
          await wait(async () =>
            existsSync(containerdSocket) ? undefined : `containerd of node ${node.name} does not answer`,
          );
          await loadPauseImage(containerdSocket);
        });
      },
    },
    {
      title: 'Wait for the control plane',
      run: async () => {
        await using api = await connectAsAdmin(home, cluster, clock);
        await wait(async () => ((await isServerReady(api)) ? undefined : 'the API server is not ready'));
      },
    },
    {
      title: 'Wait for the nodes',
      run: async () => {
        await using api = await connectAsAdmin(home, cluster, clock);
        await wait(async () => {
          const states = await nodeStates(api).catch(() => []);
          const unready = cluster.nodes
            .map((node) => nodeName(name, node.name))
            .find((node) => !states.some((state) => state.name === node && state.ready));
          if (unready === undefined) return undefined;
          return `node ${unready} is not ready: ${states.find((state) => state.name === unready)?.message ?? 'it has not joined'}`;
        });
        await labelNodes(api, cluster);
      },
    },
    {
      title: 'Write the kubeconfig',
      run: async (report) =>
        report(await writeKubeconfig(options.kubeconfig, await readKubeconfigs([paths.adminKubeconfig]), clock)),
    },
  ];
}

async function writeConfiguration(options: StartOptions, cluster: ClusterConfig): Promise<void> {
  const { home } = options;
  const paths = clusterPaths(home, cluster.name);
  await mkdir(home.data, { recursive: true });
  await makePrivateFolder(paths.data);
  await mkdir(paths.run, { recursive: true });
  await mkdir(paths.logs, { recursive: true });
  await writeJson(paths.config, cluster);
  await writeIdentities(home, cluster, await options.authority(cluster));
  await writeJson(paths.serverConfig, serverConfig(home, cluster));
  const { file } = await machineResolver();
  await forEachNode(cluster, async (node) => {
    const files = nodePaths(home, cluster.name, node.name);
    for (const folder of [files.kubelet, files.podLogs]) await mkdir(folder, { recursive: true });
    await writeJson(files.agentConfig, agentConfig(home, cluster, node, file));
  });
}

async function makeNetwork(home: Home, cluster: ClusterConfig): Promise<void> {
  const names = hostNamesOf(home, cluster.name);
  const resolver = await machineResolver();
  if (await allowForwarding()) await writeFile(forwardingNote(home), '');
  await makeHostNetwork(names, cluster.ranges, `kubeling cluster ${cluster.name}`, mappedPorts(cluster));
  await forEachNode(cluster, async ({ name, address }, index) => {
    const namespace = nodePaths(home, cluster.name, name).networkNamespace;
    await makeNodeNetwork({ namespace, cable: names.cable(index), address }, names, cluster.ranges, resolver);
  });
}

/** All nodes at once. When one fails the others come to their end before the failure is told: nothing works on behind it. */
async function forEachNode(
  { nodes }: ClusterConfig,
  work: (node: ClusterNode, index: number) => Promise<void>,
): Promise<void> {
  const outcomes = await Promise.allSettled(nodes.map(work));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}
