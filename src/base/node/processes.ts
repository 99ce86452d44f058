import { readdir, readFile, readlink } from 'node:fs/promises';

/** A process and when it started, in clock ticks since boot: together they name it for good, since pids come again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: number;
}

export interface RunningProcess extends ProcessIdentity {
  readonly parent: number;
  readonly commandLine: readonly string[];
  /** Paths of its cgroups, one for each hierarchy. */
  readonly cgroups: readonly string[];
  /** Names its network namespace, such as `net:[4026531840]`. */
  readonly network: string;
  /** Its working directory; empty where it cannot be read. */
  readonly folder: string;
}

/** The process with this pid, `undefined` when it has ended (zombies have). */
export async function readIdentity(pid: number): Promise<(ProcessIdentity & { readonly parent: number }) | undefined> {
  const text = await readOrNothing(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(pid, text);
}

/**
 * Reads `/proc/PID/stat`; the program's name in it may hold spaces and brackets. `undefined` for a process that has
 * ended.
 */
export function parseStat(pid: number, text: string): (ProcessIdentity & { readonly parent: number }) | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, parent: Number(parent), startTime: Number(fields[19]) };
}

export async function isRunning(process: ProcessIdentity): Promise<boolean> {
  return (await readIdentity(process.pid))?.startTime === process.startTime;
}

/** How many processes are read at once: as many as Node has threads for files, and few descriptors each. */
const readAtOnce = 4;

/**
 * Every process of this machine that has not ended, kernel threads apart. Rejects when one cannot be read for want of
 * descriptors or memory: that it is not there must not be concluded from that.
 */
export async function listProcesses(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const processes = Array<RunningProcess | undefined>(pids.length);
  let next = 0;
  const readOthers = async (): Promise<void> => {
    for (let index = next++; index < pids.length; index = next++) processes[index] = await readProcess(pids[index]!);
  };
  await Promise.all(Array.from({ length: readAtOnce }, readOthers));
  return processes.filter((process) => process !== undefined);
}

async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  const [identity, command, cgroup, network, folder] = await Promise.all([
    readIdentity(pid),
    readOrNothing(`/proc/${pid}/cmdline`),
    readOrNothing(`/proc/${pid}/cgroup`),
    readlink(`/proc/${pid}/ns/net`).catch(() => ''),
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
  ]);
  if (identity === undefined || command === undefined || cgroup === undefined || command === '') return undefined;
  const cgroups = cgroup
    .trim()
    .split('\n')
    .map((line) => line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1));
  return { ...identity, commandLine: command.split('\0').slice(0, -1), cgroups, network, folder };
}

/** Sends a signal; a process that has ended meanwhile, or whose pid is another's now, gets none. */
export async function signal(target: ProcessIdentity, name: NodeJS.Signals): Promise<void> {
  if (!(await isRunning(target))) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** How the kernel says that a process has ended meanwhile, or is not ours to read. */
const absences = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

async function readOrNothing(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (absences.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
