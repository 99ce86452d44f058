import { cidr } from './cidr.ts';
import {
  clusterNames,
  mappedPorts,
  nameProblem,
  newCluster,
  otherClusters,
  portRequests,
  readCluster,
  writeCluster,
  type ClusterConfig,
} from './cluster-config.ts';
import { specForNodes, type ClusterSpec } from './cluster-spec.ts';
import { lockCluster, removeCluster } from './down.ts';
import { chooseHostPorts } from './host-ports.ts';
import { awaitLock } from './lock.ts';
import { checkMachine } from './machine-check.ts';
import { takenRanges } from './network.ts';
import { chooseRanges } from './network-plan.ts';
import { clusterPaths, type Home } from './paths.ts';
import { UserError } from './problem.ts';
import { checkPorts } from './start.ts';
import { kubeconfigStep, startSteps, type StartOptions, type Step } from './start-steps.ts';
import { isSupervised } from './supervisor-process.ts';

/** `signal` also takes back what was made of a new cluster. */
export interface UpOptions extends StartOptions {
  /** What a new cluster should be (default: one node). Refused for one that is there and different. */
  readonly spec?: ClusterSpec;
  /** Whether packages may be installed. */
  readonly mayInstall: boolean;
  /** Leave what was made when something fails, to look at it. */
  readonly retain: boolean;
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
  const earlier = await readCluster(home, name);
  if (earlier !== undefined && options.spec !== undefined) throw new UserError(standsStill(earlier));
  if (earlier !== undefined) await checkPorts(home, earlier);
  const cluster = earlier ?? (await decide(options));
  try {
    await perform([...startSteps(options, cluster), kubeconfigStep(options)]);
  } catch (error) {
    if (earlier === undefined && !options.retain) await removeCluster(options);
    throw error;
  }
}

/** Decides what the new cluster is to be, and notes it, so that one that is made at the same time gets other addresses. */
async function decide({ home, name, spec = specForNodes(1), clock, signal }: UpOptions): Promise<ClusterConfig> {
  await using turn = await awaitLock(`choices of ${home.data}`, clock, signal);
  void turn;
  // Others that stand still route nothing, but they will want their addresses back.
  const others = await otherClusters(home, name);
  const ranges = chooseRanges([...(await takenRanges()), ...others.map(({ ranges }) => cidr(ranges.nodes))], spec);
  const ports = await chooseHostPorts(portRequests(spec), others.flatMap(mappedPorts));
  const cluster = newCluster(name, spec, { ranges, ports, now: clock.now() });
  await writeCluster(home, cluster);
  return cluster;
}

function standsStill({ name, nodes }: ClusterConfig): string {
  const count = nodes.length === 1 ? 'one node' : `${nodes.length} nodes`;
  return `Cannot change cluster "${name}": it stands still and has ${count}; start it without --nodes and --config, or remove it with "kubeling down --name ${name}"`;
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
