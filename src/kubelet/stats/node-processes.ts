import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessUsage } from '../cgroups/cgroup-usage.ts';

export interface NodeProcessesOptions {
  /** The node's control group: processes in it are its pods', and are counted there. */
  readonly cgroupRoot: string;
  /** Where the kernel shows processes (default `/proc`). */
  readonly folder?: string;
}

/** What `/proc` counts CPU time in, on every architecture that Node runs on. */
const tickNanoSeconds = 10_000_000;

/**
 * Measures the processes of a node beside its pods: all that share the agent's network, which on a local cluster is what
 * makes a node. The agent, containerd with its shims, nginx, and on the control plane's node the server. Their memory
 * counts without mapped files: those are one copy for all nodes of a machine, and the kernel can take them back.
 * CPU time of processes that have ended stays counted, so the sum only grows while the agent lives.
 */
export class NodeProcesses {
  readonly #folder: string;
  readonly #podGroups: string;
  readonly #network: string;
  #endedTicks = 0;
  /** By pid and start time, which together name a process. */
  #ticks = new Map<string, number>();

  constructor({ cgroupRoot, folder = '/proc' }: NodeProcessesOptions) {
    this.#folder = folder;
    this.#podGroups = `:${cgroupRoot}/`;
    this.#network = readlinkSync(join(folder, 'self/ns/net'));
  }

  /** Reads without waiting: some microseconds for each process of the machine. */
  usage(): ProcessUsage {
    const now = new Map<string, number>();
    const memory = { anonymous: 0, shared: 0, resident: 0 };
    for (const pid of readdirSync(this.#folder)) {
      if (!/^\d+$/.test(pid)) continue;
      const found = this.#read(pid);
      if (found === undefined) continue;
      now.set(`${pid} ${found.startTime}`, found.ticks);
      memory.anonymous += found.anonymousBytes;
      memory.shared += found.sharedBytes;
      memory.resident += found.residentBytes;
    }
    for (const [process, ticks] of this.#ticks) if (!now.has(process)) this.#endedTicks += ticks;
    this.#ticks = now;
    const ticks = [...now.values()].reduce((sum, one) => sum + one, this.#endedTicks);
    return {
      cpuNanoSeconds: ticks * tickNanoSeconds,
      memoryBytes: memory.resident,
      workingSetBytes: memory.anonymous + memory.shared,
      rssBytes: memory.anonymous,
    };
  }

  #read(pid: string) {
    try {
      const folder = join(this.#folder, pid);
      if (readlinkSync(join(folder, 'ns/net')) !== this.#network) return undefined;
      if (readFileSync(join(folder, 'cgroup'), 'utf8').includes(this.#podGroups)) return undefined;
      return {
        ...timesIn(readFileSync(join(folder, 'stat'), 'utf8')),
        ...memoryIn(readFileSync(join(folder, 'status'), 'utf8')),
      };
    } catch {
      return undefined; // ended meanwhile, or not ours to look at
    }
  }
}

/** From `/proc/PID/stat`; the program's name in it may hold spaces and brackets. */
export function timesIn(stat: string): { ticks: number; startTime: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { ticks: Number(fields[11]) + Number(fields[12]), startTime: Number(fields[19]) };
}

/** From `/proc/PID/status`; kernel threads have no memory. */
export function memoryIn(status: string): { anonymousBytes: number; sharedBytes: number; residentBytes: number } {
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { anonymousBytes: bytes('RssAnon'), sharedBytes: bytes('RssShmem'), residentBytes: bytes('VmRSS') };
}
