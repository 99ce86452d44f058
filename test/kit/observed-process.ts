import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { releaseMemory } from '../../src/base/node/release-memory.ts';
import { systemClock } from '../../src/base/system-clock.ts';

/** Where {@link Standstill}s are noted; the name of an environment variable. */
export const standstillFile = 'KUBELING_TEST_STANDSTILL';

/** How long the event loop let a timer wait, in milliseconds, and the CPU that its thread took meanwhile. */
export interface Standstill {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const tickMs = 10;

/**
 * Notes the longest standstill since garbage was collected on demand, which is one itself. On a busy machine a loop also
 * stands still because others have the processor: what the thread itself computed counts, and that is at most what it
 * stood still.
 */
function watchLoop(file: string): void {
  let longest: Standstill = { wallMs: 0, cpuMs: 0 };
  let isOver = false;
  process.on('SIGUSR2', () => {
    releaseMemory();
    isOver = true;
  });
  const tick = (wallBefore: number, cpuBefore: number): void => {
    systemClock.setTimer(tickMs, () => {
      const [wall, cpu] = [systemClock.monotonic(), threadCpuMs()];
      const wallMs = Math.max(0, wall - wallBefore - tickMs);
      const cpuMs = Math.min(wallMs, cpu - cpuBefore);
      if (isOver || cpuMs > longest.cpuMs) {
        longest = isOver ? { wallMs: 0, cpuMs: 0 } : { wallMs, cpuMs };
        isOver = false;
        writeFileSync(`${file}.new`, JSON.stringify(longest));
        renameSync(`${file}.new`, file);
      }
      tick(systemClock.monotonic(), threadCpuMs());
    });
  };
  tick(systemClock.monotonic(), threadCpuMs());
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

// Read by a server process before anything else (`isObserved`).
const file = process.env[standstillFile];
if (isMainThread && file !== undefined) watchLoop(file);
