import { mappedPorts, otherClusters, requireCluster, type ClusterConfig } from './cluster-config.ts';
import { lockCluster } from './down.ts';
import { chooseHostPorts } from './host-ports.ts';
import { isOn } from './power.ts';
import { clusterPaths, type Home } from './paths.ts';
import { kubeconfigStep, startSteps, waitSteps, type StartOptions, type Step } from './start-steps.ts';
import { isSupervised } from './supervisor-process.ts';

/**
 * Brings back a cluster that stands still, or those of its nodes that are off. Answers whether there was anything to do.
 * Rejects with {@link UserError} when there is no such cluster.
 */
export async function startCluster(
  options: StartOptions,
  perform: (steps: readonly Step[]) => Promise<void>,
): Promise<boolean> {
  const { home, name } = options;
  await requireCluster(home, name);
  await using lock = await lockCluster(home, name);
  void lock;
  return await bringUp(options, await requireCluster(home, name), perform);
}

/**
 * As {@link startCluster}, for whoever holds the cluster's lock. One that runs is waited for and gets its context: the
 * `up` that started it may have been killed before that.
 */
export async function bringUp(
  options: StartOptions,
  cluster: ClusterConfig,
  perform: (steps: readonly Step[]) => Promise<void>,
): Promise<boolean> {
  const { home, name } = options;
  const on = await Promise.all(cluster.nodes.map((node) => isOn(home, cluster, node)));
  const runs = on.every(Boolean) && (await isSupervised(clusterPaths(home, name)));
  if (!runs) {
    await options.checkApiConfig(clusterPaths(home, name).apiConfig);
    await checkPorts(home, cluster);
  }
  const steps = runs ? waitSteps(options, cluster) : startSteps(options, cluster);
  await perform([...steps, kubeconfigStep(options, cluster)]);
  return !runs;
}

/** Whether anything of the cluster runs. */
export async function isUp(home: Home, cluster: ClusterConfig): Promise<boolean> {
  const on = await Promise.all(cluster.nodes.map((node) => isOn(home, cluster, node)));
  return on.some(Boolean) || (await isSupervised(clusterPaths(home, cluster.name)));
}

/** Rejects with {@link UserError} when someone has taken a port of this machine that the cluster had. */
async function checkPorts(home: Home, cluster: ClusterConfig): Promise<void> {
  const field = `cluster "${cluster.name}"`;
  const requests = mappedPorts(cluster).map((port) => ({ ...port, field }));
  await chooseHostPorts(requests, (await otherClusters(home, cluster.name)).flatMap(mappedPorts));
}
