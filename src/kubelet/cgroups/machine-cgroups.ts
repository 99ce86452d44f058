import { readFile } from 'node:fs/promises';
import { podLimits, podRequests } from '../../api/core/pod-requests.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { milliValue, quantityValue } from '../../apimachinery/quantity.ts';
import type { Clock } from '../../base/clock.ts';
import { qosClassOf } from '../pods/qos-class.ts';
import { cgroupTree, type CgroupLimits, type CgroupTree } from './cgroup-tree.ts';
import type { ProcessUsage } from './cgroup-usage.ts';
import { cpuQuota, cpuShares } from './container-resources.ts';
import type { PodCgroups } from './pod-cgroups.ts';

export interface MachineCgroupsOptions {
  /** All groups of this node are below it: `/kubeling/dev/control-plane`. */
  readonly root: string;
  /** What pods may use together. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly clock: Clock;
}

const classes = { Guaranteed: 'kubepods', Burstable: 'kubepods/burstable', BestEffort: 'kubepods/besteffort' };
/** Processes that were killed leave their group a little later. */
const removalTries = 20;
const removalWaitMs = 50;

/** Opens the machine's control groups and makes those that a node's pods share. */
export async function openMachineCgroups(options: MachineCgroupsOptions): Promise<MachineCgroups> {
  const cgroups = new MachineCgroups(cgroupTree(await readFile('/proc/self/mountinfo', 'utf8')), options);
  await cgroups.prepare();
  return cgroups;
}

/** Makes a group for each pod below the one of its class, as the stock kubelet's cgroupfs driver does. */
export class MachineCgroups implements PodCgroups {
  readonly #tree: CgroupTree;
  readonly #options: MachineCgroupsOptions;
  /** Where the groups are that were made here, by uid: others may be of any class. */
  readonly #paths = new Map<string, string>();
  /** What the pods of the middle class have requested, by uid. */
  readonly #burstable = new Map<string, number>();

  constructor(tree: CgroupTree, options: MachineCgroupsOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  get version(): 1 | 2 {
    return this.#tree.version;
  }

  async prepare(): Promise<void> {
    const { cpus, memoryBytes } = this.#options;
    for (const folder of Object.values(classes)) await this.#tree.create(this.#path(folder));
    await this.#tree.limit(this.#path(classes.Guaranteed), { cpuShares: cpuShares(cpus * 1000), memoryBytes });
    await this.#tree.limit(this.#path(classes.BestEffort), { cpuShares: cpuShares(0) });
    await this.#weighBurstable();
  }

  async create(pod: Readonly<Pod>): Promise<string> {
    const path = this.pathOf(pod);
    this.#paths.set(pod.metadata.uid ?? '', path);
    await this.#tree.create(path);
    await this.#tree.limit(path, limitsOf(pod));
    await this.#count(pod);
    return path;
  }

  async resize(from: Readonly<Pod>, to: Readonly<Pod>, between: () => Promise<void>): Promise<void> {
    const path = this.pathOf(to);
    const [before, after] = [limitsOf(from), limitsOf(to)];
    await this.#tree.limit(path, larger(before, after));
    await between();
    await this.#tree.limit(path, after);
    await this.#count(to);
  }

  pathOf(pod: Readonly<Pod>): string {
    return this.#path(`${classes[qosClassOf(pod)]}/pod${pod.metadata.uid}`);
  }

  async remove(podUid: string): Promise<void> {
    const { clock } = this.#options;
    const known = this.#paths.get(podUid);
    const every = Object.values(classes).map((folder) => this.#path(`${folder}/pod${podUid}`));
    const paths = known === undefined ? every : [known];
    for (let attempt = 1; ; attempt++) {
      try {
        await Promise.all(paths.map((path) => this.#tree.remove(path)));
        break;
      } catch (error) {
        if (attempt === removalTries) throw error;
        await clock.sleep(removalWaitMs);
      }
    }
    this.#paths.delete(podUid);
    if (this.#burstable.delete(podUid)) await this.#weighBurstable();
  }

  async podUids(): Promise<readonly string[]> {
    const all = await Promise.all(Object.values(classes).map((folder) => this.#tree.children(this.#path(folder))));
    return all.flat().flatMap((name) => (name.startsWith('pod') ? [name.slice('pod'.length)] : []));
  }

  usage(pod?: Readonly<Pod>): Promise<ProcessUsage | undefined> {
    return this.#tree.usage(pod === undefined ? this.#path(classes.Guaranteed) : this.pathOf(pod));
  }

  /** What the whole node has used: its pods, and those of its own programs that are bounded with them. */
  nodeUsage(): Promise<ProcessUsage | undefined> {
    return this.#tree.usage(this.#options.root);
  }

  async #count(pod: Readonly<Pod>): Promise<void> {
    if (qosClassOf(pod) !== 'Burstable') return;
    this.#burstable.set(pod.metadata.uid ?? '', requestedMilliCpu(pod));
    await this.#weighBurstable();
  }

  /** The middle class weighs as much as its pods have requested together. */
  async #weighBurstable(): Promise<void> {
    const milliCpu = [...this.#burstable.values()].reduce((sum, one) => sum + one, 0);
    await this.#tree.limit(this.#path(classes.Burstable), { cpuShares: cpuShares(milliCpu) });
  }

  #path(folder: string): string {
    return `${this.#options.root}/${folder}`;
  }
}

/** Room for both; what one of them does not limit stays as it is. */
function larger(a: CgroupLimits, b: CgroupLimits): CgroupLimits {
  const limits: Record<string, number> = {};
  for (const name of ['cpuShares', 'cpuQuota', 'memoryBytes'] as const) {
    const [ours, theirs] = [a[name], b[name]];
    if (ours !== undefined && theirs !== undefined) limits[name] = Math.max(ours, theirs);
  }
  return limits;
}

/** The sums of a pod's containers; limits only where every container has one. */
export function limitsOf(pod: Readonly<Pod>): CgroupLimits {
  const { cpu, memory } = podLimits(pod);
  return {
    cpuShares: cpuShares(requestedMilliCpu(pod)),
    ...(cpu !== undefined && { cpuQuota: cpuQuota(Number(milliValue(cpu))) }),
    ...(memory !== undefined && { memoryBytes: Number(quantityValue(memory)) }),
  };
}

function requestedMilliCpu(pod: Readonly<Pod>): number {
  const { cpu } = podRequests(pod);
  return cpu === undefined ? 0 : Number(milliValue(cpu));
}
