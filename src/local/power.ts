import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { belongingsOfNode } from './belongings.ts';
import { makeCgroup } from './cgroups.ts';
import { cgroupOfNode, hostNamesOf, type ClusterConfig, type ClusterNode } from './cluster-config.ts';
import { prepareContainerd } from './containerd.ts';
import { isNodeNetworkWhole, makeNodeNetwork } from './network.ts';
import { nodePaths, type Home } from './paths.ts';
import { machineResolver } from './resolver.ts';
import { endProcesses, releaseKernel } from './sweep.ts';

/**
 * A node is on while its file of that name is there and its network is whole: then the supervisor keeps its programs
 * running. Neither outlives a reboot of the machine, so that nothing starts before the node has been set up again.
 */
export async function isOn(home: Home, cluster: ClusterConfig, node: ClusterNode): Promise<boolean> {
  const { power, networkNamespace: namespace } = nodePaths(home, cluster.name, node.name);
  return existsSync(power) && (await isNodeNetworkWhole({ namespace, cable: cableOf(home, cluster, node) }));
}

/**
 * Gives a node that is off its network and its containerd's configuration, and switches it on. The host's network must
 * be there.
 */
export async function switchOn(home: Home, cluster: ClusterConfig, node: ClusterNode): Promise<void> {
  const files = nodePaths(home, cluster.name, node.name);
  const network = {
    namespace: files.networkNamespace,
    cable: cableOf(home, cluster, node),
    address: node.address,
  };
  await makeNodeNetwork(network, hostNamesOf(home, cluster.name), cluster.ranges, await machineResolver());
  await prepareContainerd(files);
  await boundNode(home, cluster, node);
  await writeFile(files.power, '');
}

/**
 * Ends all that runs on a node and drops what the kernel and `/run` have of it, as when a machine is turned off: its data,
 * and its address, are there when it is on again. Succeeds with what a crash has left of a node.
 */
export async function switchOff(home: Home, cluster: ClusterConfig, node: ClusterNode, clock: Clock): Promise<void> {
  const { power, run } = nodePaths(home, cluster.name, node.name);
  if (!existsSync(run)) return;
  await rm(power, { force: true });
  const belongings = belongingsOfNode(home, cluster, node);
  await endProcesses(belongings, clock, { politely: true });
  await releaseKernel(belongings, clock);
  await rm(run, { recursive: true, force: true });
}

/** Keeps the node's pods and programs together within what it has, before there are any. */
async function boundNode(home: Home, { name }: ClusterConfig, node: ClusterNode): Promise<void> {
  if (node.resources === undefined) return;
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  await makeCgroup(mountinfo, cgroupOfNode(home, name, node.name), node.resources);
}

function cableOf(home: Home, cluster: ClusterConfig, node: ClusterNode): string {
  return hostNamesOf(home, cluster.name).cable(cluster.nodes.indexOf(node));
}
