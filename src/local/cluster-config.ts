import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { makePrivateFolder, readTextIfThere, writeFileAtomically } from '../base/node/files.ts';
import type { AdmissionSettings } from './admission-settings.ts';
import { nodeNames, type ClusterSpec, type NodeRole, type PortMapping, type PortRequest } from './cluster-spec.ts';
import { clusterPaths, clustersFolder, type Home } from './paths.ts';
import { hostNames, nodeAddress, type ClusterRanges, type HostNames } from './network-plan.ts';
import type { NodeResources } from './node-resources.ts';
import { UserError } from './problem.ts';

/** The cluster that commands mean when none is named. */
export const defaultCluster = 'kubeling';
export const apiPort = 6443;
export const kubeletPort = 10250;

/** What is decided when a cluster is made; kept in `cluster.json`. */
export interface ClusterConfig {
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly ranges: ClusterRanges;
  /** Where this machine shows the API, beside the address of the control plane's node. */
  readonly api?: PortMapping;
  /** Absent in clusters that were made before it could be chosen: as if nothing were said. */
  readonly admission?: AdmissionSettings;
  /** Whether the API server has a configuration of Kubernetes' own kinds, in a file beside this one. */
  readonly hasApiConfig?: boolean;
  /** The first one is the control plane. */
  readonly nodes: readonly ClusterNode[];
}

export interface ClusterNode {
  /** Within the cluster: `control-plane`, `worker`, `worker2`. */
  readonly name: string;
  readonly role: NodeRole;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of this machine that lead to ports of the node. */
  readonly ports: readonly PortMapping[];
  readonly resources?: NodeResources;
}

/** The longest name: paths of unix sockets have little room. */
const longestName = 32;

/** Why a cluster cannot have this name, or `undefined`. */
export function nameProblem(name: string): string | undefined {
  if (name.length > longestName) return `must be at most ${longestName} letters long`;
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    return "must consist of lower case letters, digits and '-', and start and end with a letter or digit";
  return undefined;
}

/** The name of a cluster's entries in kubeconfig files. */
export function contextName(cluster: string): string {
  return cluster === defaultCluster ? cluster : `kubeling-${cluster}`;
}

/** A node's name in the API. */
export function nodeName(cluster: string, node: string): string {
  return `${cluster}-${node}`;
}

/**
 * All ports of this machine that a new cluster should have: the API's, if it is shown there, and then those of the
 * nodes.
 */
export function portRequests({ nodes, api }: ClusterSpec): PortRequest[] {
  const ofNodes = nodes.flatMap(({ ports = [] }) => ports);
  if (api === undefined) return ofNodes;
  const field = 'networking.apiServerPort';
  return [{ listen: api.address, hostPort: api.port, nodePort: apiPort, protocol: 'TCP', field }, ...ofNodes];
}

/** What this machine has for a new cluster. */
export interface MachineChoices {
  readonly ranges: ClusterRanges;
  /** In the order of {@link portRequests}. */
  readonly ports: readonly PortMapping[];
  /** In milliseconds. */
  readonly now: number;
}

/** A new cluster as it will be. */
export function newCluster(name: string, spec: ClusterSpec, { ranges, ports, now }: MachineChoices): ClusterConfig {
  const names = nodeNames(spec.nodes.map(({ role }) => role));
  const left = [...ports];
  const { admission } = spec;
  const api = spec.api === undefined ? undefined : left.shift();
  const nodes = spec.nodes.map(({ role, labels = {}, ports: requested = [], resources }, index) => ({
    name: names[index]!,
    role,
    address: nodeAddress(ranges.nodes, index),
    labels,
    ports: left.splice(0, requested.length),
    ...(resources !== undefined && { resources }),
  }));
  return {
    name,
    createdAt: new Date(now).toISOString(),
    ranges,
    ...(api !== undefined && { api }),
    ...(admission !== undefined && { admission }),
    nodes,
  };
}

/** Every port of this machine that a cluster has, with the address of the node to which it leads. */
export function mappedPorts({ api, nodes }: ClusterConfig): (PortMapping & { readonly address: string })[] {
  const ofNodes = nodes.flatMap(({ address, ports }) => ports.map((port) => ({ ...port, address })));
  return api === undefined ? ofNodes : [{ ...api, address: nodes[0]!.address }, ...ofNodes];
}

/** Notes a cluster; from then on it is there, if only as one that stands still. */
export async function writeCluster(home: Home, cluster: ClusterConfig): Promise<void> {
  const paths = clusterPaths(home, cluster.name);
  await mkdir(home.data, { recursive: true });
  await makePrivateFolder(paths.data);
  await writeFileAtomically(paths.config, `${JSON.stringify(cluster, null, 2)}\n`);
}

/**
 * What is written of a cluster, `undefined` when there is none of this name or it is half made. Rejects with
 * {@link UserError} when the file is not what was written.
 */
export async function readCluster(home: Home, name: string): Promise<ClusterConfig | undefined> {
  const file = clusterPaths(home, name).config;
  const text = await readTextIfThere(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ClusterConfig;
  } catch (error) {
    throw new UserError(`Cannot read cluster "${name}": "${file}" is no JSON: ${(error as Error).message}`);
  }
}

/** As {@link readCluster}; rejects with {@link UserError} when there is none. */
export async function requireCluster(home: Home, name: string): Promise<ClusterConfig> {
  const cluster = await readCluster(home, name);
  if (cluster !== undefined) return cluster;
  throw new UserError(
    `Cannot find cluster "${name}": make it with "kubeling up", or see those that are with "kubeling list"`,
  );
}

/** Every cluster on this machine but the one of this name; half-made ones are left out. */
export async function otherClusters(home: Home, name: string): Promise<ClusterConfig[]> {
  const names = (await clusterNames(home)).filter((other) => other !== name);
  const clusters = await Promise.all(names.map((other) => readCluster(home, other)));
  return clusters.filter((cluster) => cluster !== undefined);
}

/** The names of all clusters on this machine, half-made ones included, in order. */
export async function clusterNames(home: Home): Promise<string[]> {
  const names = new Set<string>();
  for (const folder of [clustersFolder(home), home.run])
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => []))
      if (entry.isDirectory() && nameProblem(entry.name) === undefined) names.add(entry.name);
  return [...names].sort();
}

/** The names that the cluster's bridge, cables and tables have in the host. */
export function hostNamesOf(home: Home, name: string): HostNames {
  return hostNames(clusterPaths(home, name).data);
}

/** The cgroup that all containers and programs of the cluster are below. */
export function cgroupOf(home: Home, name: string): string {
  const id = createHash('sha256').update(clusterPaths(home, name).data).digest('hex').slice(0, 8);
  return `/kubeling/${name}-${id}`;
}

/** The cgroup of a node, below the cluster's: its pods are in `kubepods` below it. */
export function cgroupOfNode(home: Home, cluster: string, node: string): string {
  return `${cgroupOf(home, cluster)}/${node}`;
}

/** The cgroup of one of a node's own programs: `agent`, say. */
export function cgroupOfProgram(home: Home, cluster: string, node: string, program: string): string {
  return `${cgroupOfNode(home, cluster, node)}/programs/${program}`;
}
