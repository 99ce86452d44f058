import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCgroup } from './cgroups.ts';
import { machineResources } from './node-resources.ts';

/** What one program may take of its machine, and who ends first where memory is short. */
export interface ProgramBounds {
  /** Of -1000 (never ended by the kernel) to 1000 (first of all). */
  readonly oomScoreAdj: number;
  /** The cgroup that it is put into, with those that it starts. */
  readonly cgroup?: string;
  /** Beyond so much, with those that it starts, it is ended, and nobody else. Absent: as its node has. */
  readonly memoryBytes?: number;
  /** Whether it shares the CPU time that its node has. */
  readonly sharesCpu?: boolean;
}

/** So much of the machine one program must leave to others, whatever its bound is. */
const mostOfMachine = 3 / 4;

/**
 * Bounds a process that has just been started, as far as the kernel and the rights of this process allow it: to be ended
 * later than others takes CAP_SYS_RESOURCE. Rejects where one of the bounds is not allowed; the others hold then.
 */
export async function boundProgram(pid: number, bounds: ProgramBounds): Promise<void> {
  const tasks = [writeFile(`/proc/${pid}/oom_score_adj`, String(bounds.oomScoreAdj)), putIntoCgroup(pid, bounds)];
  const failed = (await Promise.allSettled(tasks)).filter(({ status }) => status === 'rejected');
  if (failed.length > 0) throw (failed[0] as PromiseRejectedResult).reason;
}

async function putIntoCgroup(pid: number, { cgroup, memoryBytes, sharesCpu = false }: ProgramBounds): Promise<void> {
  if (cgroup === undefined) return;
  const most = machineResources().memoryBytes * mostOfMachine;
  const bounds = memoryBytes === undefined ? {} : { memoryBytes: Math.min(memoryBytes, most) };
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  for (const folder of await makeCgroup(mountinfo, cgroup, bounds, sharesCpu ? ['memory', 'cpu'] : ['memory']))
    await writeFile(join(folder, 'cgroup.procs'), String(pid));
}
