/** What processes have used, as the kernel counts. Bytes; the CPU in nanoseconds of one core, and it only grows. */
export interface ProcessUsage {
  readonly cpuNanoSeconds: number;
  /** All memory that is charged, page cache included. */
  readonly memoryBytes: number;
  /** Without the files that were not touched lately: what the kernel cannot easily take back. */
  readonly workingSetBytes: number;
  /** Memory that is in no file. */
  readonly rssBytes?: number;
  readonly pageFaults?: number;
  readonly majorPageFaults?: number;
  /** Absent without a limit. */
  readonly memoryLimitBytes?: number;
}

/** The files of a control group that are read, by version. */
export const usageFiles = {
  1: {
    cpu: ['cpuacct.usage'],
    memory: ['memory.usage_in_bytes', 'memory.stat', 'memory.limit_in_bytes'],
  },
  2: { cpu: ['cpu.stat'], memory: ['memory.current', 'memory.stat', 'memory.max'] },
} as const;

/** Version 1 says "no limit" as the largest multiple of a page. */
const unlimitedBytes = 2 ** 62;

/** From the texts of the files of version 1. */
export function usageFromVersion1(
  [cpu = '']: readonly string[],
  [usage = '', stat = '', limit = '']: readonly string[],
): ProcessUsage {
  const total = (name: string): number => numberIn(stat, `total_${name}`);
  return usageOf({
    cpuNanoSeconds: Number(cpu),
    memoryBytes: Number(usage),
    inactiveFileBytes: total('inactive_file'),
    rssBytes: total('rss'),
    pageFaults: total('pgfault'),
    majorPageFaults: total('pgmajfault'),
    limitBytes: Number(limit) < unlimitedBytes ? Number(limit) : undefined,
  });
}

/** From the texts of the files of version 2. */
export function usageFromVersion2(
  [cpu = '']: readonly string[],
  [usage = '', stat = '', limit = '']: readonly string[],
): ProcessUsage {
  return usageOf({
    cpuNanoSeconds: numberIn(cpu, 'usage_usec') * 1000,
    memoryBytes: Number(usage),
    inactiveFileBytes: numberIn(stat, 'inactive_file'),
    rssBytes: numberIn(stat, 'anon'),
    pageFaults: numberIn(stat, 'pgfault'),
    majorPageFaults: numberIn(stat, 'pgmajfault'),
    limitBytes: limit.trim() === 'max' || limit.trim() === '' ? undefined : Number(limit),
  });
}

/** Both at once; faults and limits do not add up to anything. */
export function sumOf(one: ProcessUsage, other: ProcessUsage): ProcessUsage {
  return {
    cpuNanoSeconds: one.cpuNanoSeconds + other.cpuNanoSeconds,
    memoryBytes: one.memoryBytes + other.memoryBytes,
    workingSetBytes: one.workingSetBytes + other.workingSetBytes,
    ...(one.rssBytes !== undefined && other.rssBytes !== undefined && { rssBytes: one.rssBytes + other.rssBytes }),
  };
}

function usageOf(counted: {
  cpuNanoSeconds: number;
  memoryBytes: number;
  inactiveFileBytes: number;
  rssBytes: number;
  pageFaults: number;
  majorPageFaults: number;
  limitBytes: number | undefined;
}): ProcessUsage {
  const { inactiveFileBytes, limitBytes, ...rest } = counted;
  return {
    ...rest,
    workingSetBytes: Math.max(0, counted.memoryBytes - inactiveFileBytes),
    ...(limitBytes !== undefined && { memoryLimitBytes: limitBytes }),
  };
}

/** The number behind a name in lines of `name number`. */
function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
