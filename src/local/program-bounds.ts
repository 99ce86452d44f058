import { readFile, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { makeMemoryCgroup } from './cgroups.ts';

/** What one program may take of its machine, and who ends first where memory is short. */
export interface ProgramBounds {
  /** Of -1000 (never ended by the kernel) to 1000 (first of all). */
  readonly oomScoreAdj: number;
  /** With those that it starts: beyond these bytes it is ended, and nobody else. Absent: as the machine has. */
  readonly memory?: { readonly cgroup: string; readonly bytes: number };
}

/** So much of the machine one program must leave to others, whatever its bound is. */
const mostOfMachine = 3 / 4;

/**
 * Bounds a process that has just been started, as far as the kernel and the rights of this process allow it: to be ended
 * later than others takes CAP_SYS_RESOURCE. Rejects where one of the bounds is not allowed; the others hold then.
 */
export async function boundProgram(pid: number, { oomScoreAdj, memory }: ProgramBounds): Promise<void> {
  const tasks = [writeFile(`/proc/${pid}/oom_score_adj`, String(oomScoreAdj))];
  if (memory !== undefined) {
    const bytes = Math.floor(Math.min(memory.bytes, totalmem() * mostOfMachine));
    const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
    tasks.push(
      makeMemoryCgroup(mountinfo, memory.cgroup, bytes).then((folder) =>
        writeFile(join(folder, 'cgroup.procs'), String(pid)),
      ),
    );
  }
  const failed = (await Promise.allSettled(tasks)).filter(({ status }) => status === 'rejected');
  if (failed.length > 0) throw (failed[0] as PromiseRejectedResult).reason;
}
