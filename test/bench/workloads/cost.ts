import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

/** What a piece of work cost. */
export interface Cost {
  /** CPU of this process: user and system, all threads. */
  readonly cpuMs: number;
}

let profile: string | undefined;

/** From now on what is measured leaves its CPU profile in this file, and is disturbed by that. */
export function profileInto(file: string): void {
  profile = file;
}

/** CPU of this process during `work`; a busy machine disturbs it less than it does the clock. */
export async function costOf(work: () => Promise<void>): Promise<Cost> {
  const profiled = profile === undefined ? undefined : await startProfile(profile);
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  await profiled?.();
  return { cpuMs: (user + system) / 1000 };
}

async function startProfile(file: string): Promise<() => Promise<void>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  return async () => {
    const { profile: found } = await session.post('Profiler.stop');
    session.disconnect();
    writeFileSync(file, JSON.stringify(found));
  };
}
