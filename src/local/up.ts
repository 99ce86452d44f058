import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { makePrivateFolder, writeFileAtomically } from '../base/node/files.ts';
import { readKubeconfigs, writeKubeconfig, type KubeconfigPlace } from '../client/node/kubeconfig.ts';
import { writeIdentities, type ClusterAuthority } from './certificates.ts';
import {
  clusterNames,
  hostNamesOf,
  nameProblem,
  nodeName,
  newCluster,
  readCluster,
  type ClusterConfig,
} from './cluster-config.ts';
import { prepareContainerd } from './containerd.ts';
import { forwardingNote, lockCluster, removeCluster } from './down.ts';
import { loadPauseImage } from './images.ts';
import { chooseRanges } from './network-plan.ts';
import { allowForwarding, makeHostNetwork, makeNodeNetwork, takenRanges } from './network.ts';
import { labelControlPlane } from './node-roles.ts';
import { installPackages } from './packages.ts';
import { clusterPaths, nodePaths, type Home } from './paths.ts';
import { judge, machineFacts } from './preflight.ts';
import { UserError } from './problem.ts';
import { isSupervised, startSupervisor } from './supervisor-process.ts';
import { agentConfig, serverConfig, type Launcher } from './programs.ts';
import { machineResolver } from './resolver.ts';
import { connectAsAdmin, isServerReady, nodeStates, waitUntil } from './readiness.ts';

export interface UpOptions {
  readonly home: Home;
  readonly name: string;
  readonly kubeconfig: KubeconfigPlace;
  readonly clock: Clock;
  /** Gives up, and takes back what was made. */
  readonly signal: AbortSignal;
  readonly launcher: Launcher;
  /** Makes the cluster's authority where it is missing. */
  readonly authority: (cluster: ClusterConfig) => Promise<ClusterAuthority>;
  /** Whether packages may be installed. */
  readonly mayInstall: boolean;
  /** Leave what was made when something fails, to look at it. */
  readonly retain: boolean;
}

/** A part of the work, shown to the user as a line. */
export interface Step {
  readonly title: string;
  run(report: (text: string) => void): Promise<void>;
}

/**
 * Makes a cluster, or starts one that stands still (after a reboot, say). `perform` runs the steps in order. Rejects with
 * {@link UserError} before anything is made when the cluster cannot be; when a step fails, what was made is taken back.
 */
export async function up(options: UpOptions, perform: (steps: readonly Step[]) => Promise<void>): Promise<void> {
  const { home, name } = options;
  await checkName(home, name);
  await perform([{ title: 'Check this machine', run: (report) => checkMachine(options, report) }]);
  await using lock = await lockCluster(home, name);
  void lock;
  await checkName(home, name);
  const isNew = (await readCluster(home, name)) === undefined;
  try {
    await perform(steps(options));
  } catch (error) {
    if (isNew && !options.retain) await removeCluster(options);
    throw error;
  }
}

async function checkName(home: Home, name: string): Promise<void> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new UserError(`Cannot name a cluster "${name}": a name ${problem}`);
  if (!(await clusterNames(home)).includes(name)) return;
  if (await isSupervised(clusterPaths(home, name)))
    throw new UserError(
      `Cannot make cluster "${name}": there is one of this name already; choose another with --name, or remove it with "kubeling down --name ${name}"`,
    );
  if ((await readCluster(home, name)) === undefined)
    throw new UserError(
      `Cannot make cluster "${name}": the rest of a half-made one is there; remove it with "kubeling down --name ${name}"`,
    );
}

async function checkMachine({ mayInstall }: UpOptions, report: (text: string) => void): Promise<void> {
  let verdict = judge(await machineFacts());
  if (verdict.problems.length === 0 && verdict.packages.length > 0) {
    if (!mayInstall)
      throw new UserError(
        `Cannot run nodes on this machine: install the packages ${verdict.packages.join(', ')}, or leave out --no-install`,
      );
    await installPackages(verdict.packages, report);
    verdict = judge(await machineFacts());
  }
  const { problems, packages } = verdict;
  if (problems.length > 0)
    throw new UserError(
      `Cannot run nodes on this machine:\n${problems.map(({ what, remedy }) => `  ${what}: ${remedy}`).join('\n')}`,
    );
  if (packages.length > 0)
    throw new UserError(
      `Cannot run nodes on this machine: what ${packages.join(', ')} should bring is missing although they are installed`,
    );
}

function steps(options: UpOptions): Step[] {
  const { home, name, clock, signal } = options;
  const paths = clusterPaths(home, name);
  let cluster: ClusterConfig;
  const wait = (holds: () => Promise<string | undefined>): Promise<void> => waitUntil(home, name, clock, signal, holds);
  return [
    {
      title: 'Write the configuration',
      run: async () => {
        cluster = (await readCluster(home, name)) ?? newCluster(name, chooseRanges(await takenRanges()), clock.now());
        await writeConfiguration(options, cluster);
      },
    },
    { title: 'Make the network', run: () => makeNetwork(home, cluster) },
    {
      title: 'Start the programs',
      run: async () => {
        for (const node of cluster.nodes) await prepareContainerd(nodePaths(home, name, node.name));
        startSupervisor(clusterPaths(home, name), options.launcher);
        for (const node of cluster.nodes) {
          const { containerdSocket } = nodePaths(home, name, node.name);
          await wait(async () =>
            existsSync(containerdSocket) ? undefined : `containerd of node ${node.name} does not answer`,
          );
          await loadPauseImage(containerdSocket);
        }
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
        await labelControlPlane(api, cluster);
      },
    },
    {
      title: 'Write the kubeconfig',
      run: async (report) =>
        report(await writeKubeconfig(options.kubeconfig, await readKubeconfigs([paths.adminKubeconfig]), clock)),
    },
  ];
}

async function writeConfiguration(options: UpOptions, cluster: ClusterConfig): Promise<void> {
  const { home } = options;
  const paths = clusterPaths(home, cluster.name);
  await mkdir(home.data, { recursive: true });
  await makePrivateFolder(paths.data);
  await mkdir(paths.run, { recursive: true });
  await mkdir(paths.logs, { recursive: true });
  await writeJson(paths.config, cluster);
  await writeIdentities(home, cluster, await options.authority(cluster));
  await writeJson(paths.serverConfig, serverConfig(home, cluster));
  for (const node of cluster.nodes) {
    const files = nodePaths(home, cluster.name, node.name);
    for (const folder of [files.kubelet, files.podLogs]) await mkdir(folder, { recursive: true });
    await writeJson(files.agentConfig, agentConfig(home, cluster, node, (await machineResolver()).file));
  }
}

async function makeNetwork(home: Home, cluster: ClusterConfig): Promise<void> {
  const names = hostNamesOf(home, cluster.name);
  const resolver = await machineResolver();
  if (await allowForwarding()) await writeFile(forwardingNote(home), '');
  await makeHostNetwork(names, cluster.ranges, `kubeling cluster ${cluster.name}`);
  for (const [index, node] of cluster.nodes.entries()) {
    const namespace = nodePaths(home, cluster.name, node.name).networkNamespace;
    await makeNodeNetwork(
      { namespace, cable: names.cable(index), address: node.address },
      names,
      cluster.ranges,
      resolver,
    );
  }
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}
