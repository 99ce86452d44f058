import { readdir } from 'node:fs/promises';
import { cgroupOf, cgroupOfNode, type ClusterConfig, type ClusterNode } from './cluster-config.ts';
import { clusterPaths, nodePaths, type Home } from './paths.ts';

/** What belongs to a cluster or to one of its nodes, however little of it is there. */
export interface Belongings {
  /** Its folders; processes that have a path below one of them on their command line, or work there, are the cluster's. */
  readonly folders: readonly string[];
  /** Files on which its network namespaces are mounted. */
  readonly namespaces: readonly string[];
  /** The cgroup that all its containers are below, such as `/kubeling/dev`. */
  readonly cgroup: string;
}

/** All that belongs to one node while it is on. The server is a program of the node that it runs on. */
export function belongingsOfNode(home: Home, cluster: ClusterConfig, node: ClusterNode): Belongings {
  const files = nodePaths(home, cluster.name, node.name);
  const server = node === cluster.nodes[0] ? [clusterPaths(home, cluster.name).serverConfig] : [];
  return {
    folders: [files.run, files.data, ...server],
    namespaces: [files.networkNamespace],
    cgroup: cgroupOfNode(home, cluster.name, node.name),
  };
}

/** All that may be left of a cluster, also when its configuration is lost. */
export async function belongingsOf(home: Home, name: string): Promise<Belongings> {
  const paths = clusterPaths(home, name);
  const folders = await readdir(paths.run, { withFileTypes: true }).catch(() => []);
  const nodes = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    folders: [paths.data, paths.run],
    namespaces: nodes.map((node) => nodePaths(home, name, node).networkNamespace),
    cgroup: cgroupOf(home, name),
  };
}
