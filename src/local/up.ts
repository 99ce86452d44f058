import { readTextIfThere } from '../base/node/files.ts';
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
import { giveApiConfig } from './api-config.ts';
import { specForNodes, type ClusterSpec } from './cluster-spec.ts';
import { lockCluster, removeCluster } from './down.ts';
import { holdRanges } from './held-ranges.ts';
import { chooseHostPorts } from './host-ports.ts';
import { awaitLock } from './lock.ts';
import { checkMachine } from './machine-check.ts';
import { takenRanges } from './network.ts';
import { machineResources, resourceProblems } from './node-resources.ts';
import { clusterPaths } from './paths.ts';
import { UserError } from './problem.ts';
import { bringUp, isUp } from './start.ts';
import { kubeconfigStep, startSteps, type StartOptions, type Step } from './start-steps.ts';
import { unmetSpec } from './unmet-spec.ts';

/** `signal` also takes back what was made of a new cluster. */
export interface UpOptions extends StartOptions {
  /** What a new cluster should be (default: one node). Refused for one that is there and different. */
  readonly spec?: ClusterSpec;
  /** Text of Kubernetes' own configuration kinds for the API server. Given to one that is there when it stands still. */
  readonly apiConfig?: string;
  /** Refuse a cluster that is there already. */
  readonly mustBeNew?: boolean;
  /** Whether packages may be installed. */
  readonly mayInstall: boolean;
  /** Leave what was made when something fails, to look at it. */
  readonly retain: boolean;
}

/**
 * Makes a cluster, or starts one that stands still (after a reboot, say); one that runs gets its context. Answers which of
 * these it was. `perform` runs the steps in order. Rejects with {@link UserError} before anything is made when the cluster
 * cannot be; when a step fails, what was made is taken back.
 */
export async function up(
  options: UpOptions,
  perform: (steps: readonly Step[]) => Promise<void>,
): Promise<'made' | 'started' | 'ran'> {
  const { home, name } = options;
  await checkSpec(options);
  await perform([{ title: 'Check this machine', run: (report) => checkMachine(options, report) }]);
  await using lock = await lockCluster(home, name);
  void lock;
  const earlier = await checkSpec(options);
  if (earlier !== undefined) {
    const cluster = await withApiConfig(options, earlier);
    return (await bringUp(options, cluster, perform)) ? 'started' : 'ran';
  }
  await using decided = await decide(options);
  const { cluster } = decided;
  try {
    await perform([...startSteps(options, cluster), kubeconfigStep(options, cluster)]);
    return 'made';
  } catch (error) {
    if (!options.retain) await removeCluster(options);
    throw error;
  }
}

interface Decision extends AsyncDisposable {
  readonly cluster: ClusterConfig;
}

/**
 * Decides what the new cluster is to be, and notes it, so that one that is made at the same time gets other addresses.
 * Those with files elsewhere do not see the note: the addresses are held until the decision is disposed of.
 */
async function decide({ home, name, spec = specForNodes(1), apiConfig, clock, signal }: UpOptions): Promise<Decision> {
  await using turn = await awaitLock(`choices of ${home.data}`, clock, signal);
  void turn;
  // Others that stand still route nothing, but they will want their addresses back.
  const others = await otherClusters(home, name);
  await using deciding = new AsyncDisposableStack();
  const reserved = others.map(({ ranges }) => cidr(ranges.nodes));
  const { ranges } = deciding.use(await holdRanges(takenRanges, reserved, spec));
  const ports = await chooseHostPorts(portRequests(spec), others.flatMap(mappedPorts));
  const made = newCluster(name, spec, { ranges, ports, now: clock.now() });
  if (apiConfig === undefined) await writeCluster(home, made);
  const cluster = apiConfig === undefined ? made : await giveApiConfig(home, made, apiConfig);
  const held = deciding.move();
  return { cluster, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** The cluster that is there already. Rejects with {@link UserError} when it cannot be as it is asked for. */
async function checkSpec({ home, name, spec, mustBeNew }: UpOptions): Promise<ClusterConfig | undefined> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new UserError(`Cannot name a cluster "${name}": a name ${problem}`);
  if (!(await clusterNames(home)).includes(name)) {
    checkResources(spec);
    return undefined;
  }
  const cluster = await readCluster(home, name);
  if (cluster === undefined)
    throw new UserError(
      `Cannot make cluster "${name}": the rest of a half-made one is there; remove it with "kubeling down --name ${name}"`,
    );
  if (mustBeNew === true)
    throw new UserError(
      `Cannot make cluster "${name}": there is one of this name already; choose another with --name, or remove it with "kubeling down --name ${name}"`,
    );
  const unmet = spec && unmetSpec(cluster, spec);
  if (unmet !== undefined)
    throw new UserError(
      `Cannot change cluster "${name}": ${unmet}; start it as it is with "kubeling start --name ${name}", or remove it with "kubeling down --name ${name}"`,
    );
  return cluster;
}

/** The cluster with the configuration that is asked for. Rejects with {@link UserError} where it has another, and runs. */
async function withApiConfig({ home, name, apiConfig }: UpOptions, cluster: ClusterConfig): Promise<ClusterConfig> {
  const file = clusterPaths(home, name).apiConfig;
  if (apiConfig === undefined) return cluster;
  if (cluster.hasApiConfig === true && apiConfig === (await readTextIfThere(file))) return cluster;
  if (await isUp(home, cluster)) {
    const edit = cluster.hasApiConfig === true ? `; or edit "${file}", which it reads when that changes` : '';
    throw new UserError(
      `Cannot change the configuration of cluster "${name}" while it runs: run "kubeling stop --name ${name}" and then this command again${edit}`,
    );
  }
  return await giveApiConfig(home, cluster, apiConfig);
}

/** Rejects with {@link UserError} what no node of this machine can have. */
function checkResources(spec: ClusterSpec | undefined): void {
  const machine = machineResources();
  const problems = (spec?.nodes ?? []).flatMap(({ resources = {} }, index) =>
    resourceProblems(resources, machine).map(({ field, rule }) => `  node ${index + 1}: ${field} ${rule}`),
  );
  if (problems.length > 0)
    throw new UserError(`Cannot give nodes what is asked for:\n${[...new Set(problems)].join('\n')}`);
}
