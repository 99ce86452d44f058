import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

/** What a piece of work cost. */
export interface Cost {
  /** CPU of this process: user and system, all threads. */
  readonly cpuMs: number;
  /** How many revisions of the store it took. */
  readonly writes: number;
  /** What the figures are divided by: pods, nodes, hundredths of a time. */
  readonly per: number;
}

let profile: string | undefined;

/** From now on what is measured leaves its CPU profile in this file, and is disturbed by that. Answers where it did before. */
export function profileInto(file: string | undefined): string | undefined {
  const before = profile;
  profile = file;
  return before;
}

/** CPU of this process during `work`; a busy machine disturbs it less than it does the clock. */
export async function costOf(per: number, revision: () => number, work: () => Promise<void>): Promise<Cost> {
  globalThis.gc?.();
  const profiled = profile === undefined ? undefined : await startProfile(profile);
  const first = revision();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  const writes = revision() - first;
  await profiled?.();
  return { cpuMs: (user + system) / 1000, writes, per };
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
