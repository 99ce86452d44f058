/** What a piece of work cost. */
export interface Cost {
  /** CPU of this process: user and system, all threads. */
  readonly cpuMs: number;
}

/** CPU of this process during `work`; a busy machine disturbs it less than it does the clock. */
export async function costOf(work: () => Promise<void>): Promise<Cost> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000 };
}
