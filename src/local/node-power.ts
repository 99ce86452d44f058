import { nodeName, requireCluster, type ClusterConfig, type ClusterNode } from './cluster-config.ts';
import { lockCluster } from './down.ts';
import { isOn, switchOff } from './power.ts';
import { clusterPaths, type Home } from './paths.ts';
import { UserError } from './problem.ts';
import { startSteps, type StartOptions, type Step } from './start-steps.ts';
import type { StopOptions } from './stop.ts';
import { isSupervised } from './supervisor-process.ts';

/** Turns one node off, with all that runs on it. Answers whether it was on. */
export async function stopNode({ home, name, clock }: StopOptions, wanted: string): Promise<boolean> {
  await using found = await holdNode(home, name, wanted);
  const { cluster, node } = found;
  if (!(await isOn(home, cluster, node))) return false;
  await switchOff(home, cluster, node, clock);
  return true;
}

/** Turns one node on again. Answers whether it was off. */
export async function startNode(
  options: StartOptions,
  wanted: string,
  perform: (steps: readonly Step[]) => Promise<void>,
): Promise<boolean> {
  const { home, name } = options;
  await using found = await holdNode(home, name, wanted);
  const { cluster, node } = found;
  if (await isOn(home, cluster, node)) return false;
  const [controlPlane] = cluster.nodes;
  if (node !== controlPlane && !(await isOn(home, cluster, controlPlane!)))
    throw new UserError(
      `Cannot start node "${wanted}": the control plane is stopped; start all with "kubeling start --name ${name}"`,
    );
  await perform(startSteps(options, cluster, [node]));
  return true;
}

interface HeldNode extends AsyncDisposable {
  readonly cluster: ClusterConfig;
  readonly node: ClusterNode;
}

/** Finds a node of a running cluster, by its name in the API or within the cluster, and holds other commands off. */
async function holdNode(home: Home, name: string, wanted: string): Promise<HeldNode> {
  const cluster = await requireCluster(home, name);
  const node = cluster.nodes.find((one) => wanted === one.name || wanted === nodeName(name, one.name));
  if (node === undefined) {
    const names = cluster.nodes.map((one) => nodeName(name, one.name)).join(', ');
    throw new UserError(`Cannot find node "${wanted}": cluster "${name}" has ${names}`);
  }
  const lock = await lockCluster(home, name);
  if (await isSupervised(clusterPaths(home, name)))
    return { cluster, node, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
  await lock[Symbol.asyncDispose]();
  throw new UserError(
    `Cannot change node "${wanted}": cluster "${name}" stands still; start it with "kubeling start --name ${name}"`,
  );
}
