import { readlinkSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessUsage } from '../cgroups/cgroup-usage.ts';

export interface NodeProcessesOptions {
  /** The node's control group: processes in `kubepods` below it are its pods', and are counted there. */
  readonly cgroupRoot: string;
  /** Where the kernel shows processes (default `/proc`). */
  readonly folder?: string;
}

/** What `/proc` counts CPU time in, on every architecture that Node runs on. */
const tickNanoSeconds = 10_000_000;
const atOnce = 16;

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
    this.#podGroups = `:${cgroupRoot}/kubepods/`;
    this.#network = readlinkSync(join(folder, 'self/ns/net'));
  }

  async usage(): Promise<ProcessUsage> {
    const now = new Map<string, number>();
    const memory = { anonymous: 0, shared: 0, resident: 0 };
    for await (const { pid, startTime, ticks, anonymousBytes, sharedBytes, residentBytes } of this.#read()) {
      now.set(`${pid} ${startTime}`, ticks);
      memory.anonymous += anonymousBytes;
      memory.shared += sharedBytes;
      memory.resident += residentBytes;
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

  /** A few at a time: others wait for files too. */
  async *#read() {
    const pids = (await readdir(this.#folder)).filter((name) => /^\d+$/.test(name));
    for (let start = 0; start < pids.length; start += atOnce) {
      const found = await Promise.all(pids.slice(start, start + atOnce).map((pid) => this.#process(pid)));
      yield* found.filter((process) => process !== undefined);
    }
  }

  async #process(pid: string) {
    const file = (name: string): Promise<string> => readFile(join(this.#folder, pid, name), 'utf8');
    try {
      if ((await readlink(join(this.#folder, pid, 'ns/net'))) !== this.#network) return undefined;
      if ((await file('cgroup')).includes(this.#podGroups)) return undefined;
      return { pid, ...timesIn(await file('stat')), ...memoryIn(await file('status')) };
    } catch {
      return undefined; // ended meanwhile, or not ours to look at
    }
  }
}

/** From `/proc/PID/stat`; the program's name in it may hold spaces and brackets. */
function timesIn(stat: string): { ticks: number; startTime: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { ticks: Number(fields[11]) + Number(fields[12]), startTime: Number(fields[19]) };
}

/** From `/proc/PID/status`; kernel threads have no memory. */
function memoryIn(status: string): { anonymousBytes: number; sharedBytes: number; residentBytes: number } {
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { anonymousBytes: bytes('RssAnon'), sharedBytes: bytes('RssShmem'), residentBytes: bytes('VmRSS') };
}
