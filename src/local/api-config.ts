import { mkdir } from 'node:fs/promises';
import { makePrivateFolder, writeFileAtomically } from '../base/node/files.ts';
import { writeCluster, type ClusterConfig } from './cluster-config.ts';
import { clusterPaths, type Home } from './paths.ts';

/** Keeps a configuration for the cluster's API server, which reads it when it starts and when it changes; it may hold keys. */
export async function giveApiConfig(home: Home, cluster: ClusterConfig, text: string): Promise<ClusterConfig> {
  const paths = clusterPaths(home, cluster.name);
  await mkdir(home.data, { recursive: true });
  await makePrivateFolder(paths.data);
  await writeFileAtomically(paths.apiConfig, text, { mode: 0o600 });
  const given = { ...cluster, hasApiConfig: true };
  await writeCluster(home, given);
  return given;
}
