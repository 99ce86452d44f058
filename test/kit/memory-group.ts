import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup/memory';

/** Processes whose memory is bounded together: the kernel ends them when they take more, and nobody else. */
export interface MemoryGroup extends Disposable {
  /** Whether there is a bound: making one takes root and version 1 of the kernel's groups. */
  readonly isBounded: boolean;
  add(pid: number): void;
}

/** `name` is unique among the groups of the machine. */
export function memoryGroup(name: string, limitMib: number): MemoryGroup {
  const folder = join(root, name);
  if (!existsSync(join(root, 'memory.limit_in_bytes')) || process.getuid?.() !== 0)
    return { isBounded: false, add() {}, [Symbol.dispose]() {} };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'memory.limit_in_bytes'), String(limitMib * 1024 * 1024));
  return {
    isBounded: true,
    add: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    /** Called when its processes are gone. */
    [Symbol.dispose]() {
      rmdirSync(folder);
    },
  };
}
