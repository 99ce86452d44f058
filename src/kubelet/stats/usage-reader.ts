import type { Pod } from '../../api/core/v1/types.ts';
import { quantityValue, parseQuantity } from '../../apimachinery/quantity.ts';
import type { Clock } from '../../base/clock.ts';
import { sumOf, type ProcessUsage } from '../cgroups/cgroup-usage.ts';
import type { PodCgroups } from '../cgroups/pod-cgroups.ts';
import { isRunning, type ObservedContainer, type ObservedPod } from '../pods/observed-pod.ts';
import type { ContainerRuntime, ContainerStats } from '../runtime/runtime.ts';
import { CpuRates } from './cpu-rates.ts';
import type { ContainerUsage, DiskUsage, NodeUsage, PodUsage, Usage } from './usage.ts';

export interface UsageReaderOptions {
  readonly node: { readonly name: string; readonly memoryBytes: number };
  readonly kubelet: { pods(): readonly Readonly<Pod>[]; observed(podUid: string): ObservedPod };
  readonly runtime: Pick<ContainerRuntime, 'containerStats'>;
  readonly cgroups: Pick<PodCgroups, 'usage'>;
  /** What runs on the node beside its pods (default: nothing). */
  readonly processes?: () => Promise<ProcessUsage>;
  readonly disk?: () => Promise<DiskUsage>;
  readonly clock: Clock;
}

/**
 * Answers what the node, its pods and their containers use. A node's use is that of its pods' control group and of the
 * processes beside them: several nodes on one machine then share out what the machine does. Who asks while a look is
 * under way gets the same one.
 */
export function createUsageReader(options: UsageReaderOptions): () => Promise<NodeUsage> {
  const rates = new CpuRates();
  const startedAt = options.clock.now();
  let looking: Promise<NodeUsage> | undefined;
  return () => (looking ??= look(options, rates, startedAt).finally(() => (looking = undefined)));
}

interface Seen {
  readonly pod: Readonly<Pod>;
  readonly containers: readonly { readonly container: ObservedContainer; readonly stats: ContainerStats }[];
  readonly counted: ProcessUsage | undefined;
}

async function look(options: UsageReaderOptions, rates: CpuRates, startedAt: number): Promise<NodeUsage> {
  const { node, kubelet, runtime, cgroups, clock } = options;
  const stats = new Map((await runtime.containerStats()).map((one) => [one.id, one]));
  const all = await Promise.all(
    kubelet.pods().map(async (pod): Promise<Seen> => {
      const containers = running(kubelet.observed(pod.metadata.uid ?? ''), stats);
      return { pod, containers, counted: containers.length === 0 ? undefined : await cgroups.usage(pod) };
    }),
  );
  const [podsCounted, processes, disk] = await Promise.all([cgroups.usage(), options.processes?.(), options.disk?.()]);
  const at = clock.now();
  rates.begin();
  const rated = (id: string, used: ProcessUsage, when: number): Usage => {
    const nanoCores = rates.rate(id, when, used.cpuNanoSeconds);
    return { ...used, at: when, ...(nanoCores !== undefined && { nanoCores }) };
  };
  const pods = all.filter(({ containers }) => containers.length > 0).map((seen): PodUsage => podUsage(seen, at, rated));
  const ofPods = podsCounted ?? total(pods.map(({ usage }) => usage));
  const ofNode = processes === undefined ? ofPods : sumOf(ofPods, processes);
  return {
    name: node.name,
    startedAt,
    usage: rated('node', { ...ofNode, memoryLimitBytes: node.memoryBytes }, at),
    podsUsage: rated('pods', ofPods, at),
    ...(disk && { disk }),
    pods,
  };
}

function running(observed: ObservedPod, stats: ReadonlyMap<string, ContainerStats>): Seen['containers'] {
  return observed.containers.filter(isRunning).flatMap((container) => {
    const known = stats.get(container.id);
    return known === undefined ? [] : [{ container, stats: known }];
  });
}

function podUsage(
  { pod, containers, counted }: Seen,
  at: number,
  rated: (id: string, used: ProcessUsage, when: number) => Usage,
): PodUsage {
  const { name, namespace = '', uid = '' } = pod.metadata;
  const used = containers.map(({ container, stats }): ContainerUsage => {
    const usage = rated(container.id, processUsage(pod, stats), stats.at);
    const { layer } = stats;
    return { name: container.name, startedAt: container.startedAt, usage, ...(layer && { layer }) };
  });
  const limit = memoryLimit(pod);
  const sum = counted ?? { ...total(used.map(({ usage }) => usage)), ...(limit && { memoryLimitBytes: limit }) };
  const startedAt = Date.parse(pod.status?.startTime ?? '') || Math.min(...used.map((one) => one.startedAt));
  return { name, namespace, uid, startedAt, usage: rated(uid, sum, at), containers: used };
}

function processUsage(pod: Readonly<Pod>, stats: ContainerStats): ProcessUsage {
  const limit = limitOf(pod, stats.name);
  return {
    cpuNanoSeconds: stats.cpuNanoSecondsTotal,
    memoryBytes: stats.memoryUsageBytes,
    workingSetBytes: stats.memoryWorkingSetBytes,
    ...(stats.memoryRssBytes !== undefined && { rssBytes: stats.memoryRssBytes }),
    ...(stats.pageFaults !== undefined && { pageFaults: stats.pageFaults }),
    ...(stats.majorPageFaults !== undefined && { majorPageFaults: stats.majorPageFaults }),
    ...(limit !== undefined && { memoryLimitBytes: limit }),
  };
}

/** The memory that all containers may have together; `undefined` when one of them has no limit. */
function memoryLimit(pod: Readonly<Pod>): number | undefined {
  const limits = pod.spec.containers.map(({ name }) => limitOf(pod, name));
  return limits.some((limit) => limit === undefined) ? undefined : limits.reduce<number>((sum, one) => sum + one!, 0);
}

function limitOf({ spec }: Readonly<Pod>, container: string): number | undefined {
  const found = [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === container);
  const limit = found?.resources?.limits?.['memory'];
  return limit === undefined ? undefined : Number(quantityValue(parseQuantity(limit)));
}

function total(all: readonly ProcessUsage[]): ProcessUsage {
  return all.reduce(sumOf, { cpuNanoSeconds: 0, memoryBytes: 0, workingSetBytes: 0, rssBytes: 0 });
}
