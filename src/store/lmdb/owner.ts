import { readFileSync } from 'node:fs';

/** The process that has a store open. Two at once would each believe in their own index of keys. */
export interface Owner {
  readonly pid: number;
  /** When the process started, in ticks since boot, so that a process which got the number later is told apart; none where unknown. */
  readonly started?: string;
}

export function thisProcess(): Owner {
  const started = statOf(process.pid)?.started;
  return started === undefined ? { pid: process.pid } : { pid: process.pid, started };
}

/** Whether the process that wrote the owner's note still runs. */
export function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = statOf(pid);
  if (now === undefined) return true;
  const isDead = now.state === 'Z' || now.state === 'X';
  return !isDead && (started === undefined || started === now.started);
}

/** State and start of a process (proc(5), `/proc/PID/stat`, fields 3 and 22); the name before them is in brackets and may hold anything. */
function statOf(pid: number): { state: string | undefined; started: string | undefined } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch {
    return undefined;
  }
}
