import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError, run } from '../base/node/command.ts';
import { cidr, parseCidr, type Cidr } from './cidr.ts';
import type { Resolver } from './resolver.ts';
import {
  gatewayOf,
  hostTable,
  nodeTable,
  type ClusterRanges,
  type HostNames,
  type MappedPort,
} from './network-plan.ts';

/** Every range that this machine routes or has an address in. */
export async function takenRanges(): Promise<Cidr[]> {
  const routes: { dst?: string }[] = JSON.parse(await run('ip', ['-j', '-4', 'route', 'show', 'table', 'all']));
  const links: { addr_info?: { local?: string; prefixlen?: number }[] }[] = JSON.parse(
    await run('ip', ['-j', '-4', 'address', 'show']),
  );
  const texts = [
    ...routes.map(({ dst }) => dst ?? ''),
    ...links.flatMap(({ addr_info = [] }) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`)),
  ];
  return texts.map(parseCidr).filter((range) => range !== undefined);
}

/**
 * Makes the cluster's bridge with the host's address on it, and the rules for its packets. Succeeds when they are
 * there.
 */
export async function makeHostNetwork(
  names: HostNames,
  ranges: ClusterRanges,
  note: string,
  ports: readonly MappedPort[] = [],
): Promise<void> {
  const { prefix } = cidr(ranges.nodes);
  if (!(await linkExists(names.bridge)))
    await batch([
      `link add name ${names.bridge} type bridge`,
      `address add ${gatewayOf(ranges.nodes)}/${prefix} dev ${names.bridge}`,
      `link set dev ${names.bridge} up`,
    ]);
  await run('ip', ['link', 'set', 'dev', names.bridge, 'alias', note]);
  await run('nft', ['-f', '-'], { input: hostTable(names, ranges.nodes, ports) });
  if (ports.length > 0) await writeFile(`/proc/sys/net/ipv4/conf/${names.bridge}/route_localnet`, '1');
}

/** Removes the bridge, the host's ends of all cables and the rules, as far as they are there. */
export async function removeHostNetwork(names: HostNames): Promise<void> {
  const links: { ifname: string }[] = JSON.parse(await run('ip', ['-j', 'link', 'show']));
  for (const { ifname } of links)
    if (ifname === names.bridge || ifname.startsWith(`${names.bridge}-`)) await removeLink(ifname);
  await run('nft', ['-f', '-'], { input: `table ip ${names.table}\ndelete table ip ${names.table}\n` });
}

/** Whether there is any cluster's network on this machine, wherever its files are. */
export async function anyHostNetwork(): Promise<boolean> {
  return /^table ip kubeling-/m.test(await run('nft', ['list', 'tables']));
}

export interface NodeNetwork {
  /** File on which the node's network namespace is mounted. */
  readonly namespace: string;
  /** The host's end of the node's cable. */
  readonly cable: string;
  readonly address: string;
}

/**
 * Makes a network namespace with `eth0` on the cluster's bridge, a default route to the host, and the rules for its pods'
 * packets. Whatever is there of an earlier one is replaced, unless it is whole.
 */
export async function makeNodeNetwork(
  node: NodeNetwork,
  names: HostNames,
  ranges: ClusterRanges,
  resolver: Resolver,
): Promise<void> {
  if (await isNodeNetworkWhole(node)) return;
  await removeLink(node.cable);
  await removeNamespace(node.namespace);
  await mkdir(dirname(node.namespace), { recursive: true });
  await writeFile(node.namespace, '');
  await run('unshare', [`--net=${node.namespace}`, 'true']);
  const { prefix } = cidr(ranges.nodes);
  await batch([
    `link add name ${node.cable} type veth peer name eth0 netns ${node.namespace}`,
    `link set dev ${node.cable} master ${names.bridge} up`,
  ]);
  await batch(
    [
      'link set dev lo up',
      `address add ${node.address}/${prefix} dev eth0`,
      'link set dev eth0 up',
      `route add default via ${gatewayOf(ranges.nodes)}`,
    ],
    node,
  );
  await setSysctl(node, 'net/ipv4/ip_forward', '1');
  // What is asked of a loopback address may be answered elsewhere: by a pod with a host port there, or a name server.
  await setSysctl(node, 'net/ipv4/conf/all/route_localnet', '1');
  await run(...inside(node, 'nft', ['-f', '-']), { input: nodeTable(ranges, resolver) });
}

/** Removes a namespace with all that is in it, once no process runs in it any more. */
export async function removeNamespace(file: string): Promise<void> {
  while (await isMounted(file)) await run('umount', ['--lazy', file]);
}

/** The command line that runs a program inside the node's network, and nothing else of its own. */
export function inside(
  node: { readonly namespace: string },
  program: string,
  args: readonly string[],
): [string, string[]] {
  return ['nsenter', [`--net=${node.namespace}`, program, ...args]];
}

/** Lets this machine pass packets on, and answers whether it did not before. */
export async function allowForwarding(): Promise<boolean> {
  const file = '/proc/sys/net/ipv4/ip_forward';
  if ((await readFile(file, 'utf8')).trim() === '1') return false;
  await writeFile(file, '1');
  return true;
}

async function isMounted(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts.split('\n').some((line) => line.split(' ')[1] === path);
}

/** Whether a node has its namespace, its cable and its way out. */
export async function isNodeNetworkWhole(node: Pick<NodeNetwork, 'namespace' | 'cable'>): Promise<boolean> {
  if (!(await isMounted(node.namespace)) || !(await linkExists(node.cable))) return false;
  return await succeeds(run(...inside(node, 'ip', ['route', 'get', '192.0.2.1'])));
}

async function setSysctl(node: NodeNetwork, name: string, value: string): Promise<void> {
  await run(...inside(node, 'tee', [`/proc/sys/${name}`]), { input: value });
}

/** A cable goes by itself, a little later, when the namespace at its other end does: that is no failure. */
async function removeLink(name: string): Promise<void> {
  try {
    await run('ip', ['link', 'delete', 'dev', name]);
  } catch (error) {
    if (!(error instanceof CommandError) || (await linkExists(name))) throw error;
  }
}

async function linkExists(name: string): Promise<boolean> {
  return await succeeds(run('ip', ['link', 'show', 'dev', name]));
}

async function batch(lines: readonly string[], node?: NodeNetwork): Promise<void> {
  const args = ['-batch', '-'];
  const input = lines.map((line) => `${line}\n`).join('');
  if (node === undefined) await run('ip', args, { input });
  else await run(...inside(node, 'ip', args), { input });
}

async function succeeds(command: Promise<unknown>): Promise<boolean> {
  try {
    await command;
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode > 0) return false;
    throw error;
  }
}
