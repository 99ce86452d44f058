import { Session, type Profiler } from 'node:inspector/promises';
import type { Clock } from '../../base/clock.ts';
import { pprofFile, type Frame, type StackProfile, type StackSample } from './pprof.ts';

/** Another profile is being taken. */
export class BusyProfilerError extends Error {
  override readonly name = 'BusyProfilerError';
}

/** Bytes between two objects that the heap's profile looks at, on average. */
const heapEveryBytes = 64 * 1024;
const cpuEveryUs = 1000;

/** Profiles of this process, by V8, in the form that pprof reads; one at a time. */
export class Profiles {
  readonly #clock: Clock;
  #isBusy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Where time goes, for so long, or until `signal` aborts. Throws {@link BusyProfilerError}. */
  cpu(forMs: number, signal: AbortSignal): Promise<Buffer> {
    return this.#taking(async (session) => {
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: cpuEveryUs });
      await session.post('Profiler.start');
      const began = this.#clock.now();
      await this.#clock.sleep(forMs, signal).catch(() => {});
      const { profile } = await session.post('Profiler.stop');
      return cpuProfile(profile, began);
    });
  }

  /** What is allocated meanwhile, and still there at the end. */
  heap(forMs: number, signal: AbortSignal): Promise<Buffer> {
    return this.#taking(async (session) => {
      await session.post('HeapProfiler.enable');
      await session.post('HeapProfiler.startSampling', { samplingInterval: heapEveryBytes });
      const began = this.#clock.now();
      await this.#clock.sleep(forMs, signal).catch(() => {});
      const { profile } = await session.post('HeapProfiler.stopSampling');
      return heapProfile(profile as unknown as AllocationProfile, began, this.#clock.now() - began);
    });
  }

  async #taking(take: (session: Session) => Promise<StackProfile>): Promise<Buffer> {
    if (this.#isBusy) throw new BusyProfilerError('Could not enable profiling: profiling already in use');
    this.#isBusy = true;
    const session = new Session();
    try {
      session.connect();
      return await pprofFile(await take(session));
    } finally {
      session.disconnect();
      this.#isBusy = false;
    }
  }
}

function cpuProfile({ nodes, samples = [], timeDeltas = [], startTime, endTime }: Profiler.Profile, began: number) {
  const parents = new Map<number, Profiler.ProfileNode>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
  /** How often each node was on top, and for how many microseconds. */
  const found = new Map<number, [count: number, us: number]>();
  samples.forEach((id, at) => {
    const tally = found.get(id) ?? [0, 0];
    found.set(id, [tally[0] + 1, tally[1] + Math.max(0, timeDeltas[at] ?? 0)]);
  });
  const stacks: StackSample[] = [];
  for (const [id, [count, us]] of found) {
    const stack: Frame[] = [];
    for (let node = byId.get(id); node !== undefined && parents.has(node.id); node = parents.get(node.id))
      stack.push(frameOf(node.callFrame));
    // V8's own "(idle)" is no use of the CPU.
    if (stack.length > 0 && stack[0]!.name !== '(idle)') stacks.push({ stack, values: [count, us * 1000] });
  }
  return {
    types: [
      ['samples', 'count'],
      ['cpu', 'nanoseconds'],
    ],
    samples: stacks,
    began,
    durationMs: (endTime - startTime) / 1000,
    period: { type: ['cpu', 'nanoseconds'], every: cpuEveryUs * 1000 },
  } satisfies StackProfile;
}

/** V8 says more of allocations than the types of Node's inspector know of. */
interface AllocationNode {
  readonly id: number;
  readonly callFrame: Parameters<typeof frameOf>[0];
  readonly selfSize: number;
  readonly children: readonly AllocationNode[];
}

interface AllocationProfile {
  readonly head: AllocationNode;
  readonly samples: readonly { readonly nodeId: number }[];
}

function heapProfile({ head, samples }: AllocationProfile, began: number, durationMs: number) {
  const counts = new Map<number, number>();
  for (const { nodeId } of samples) counts.set(nodeId, (counts.get(nodeId) ?? 0) + 1);
  const found: StackSample[] = [];
  const walk = (node: AllocationNode, above: readonly Frame[]): void => {
    const stack = node === head ? above : [frameOf(node.callFrame), ...above];
    if (node.selfSize > 0 && stack.length > 0)
      found.push({ stack, values: [counts.get(node.id) ?? 1, Math.round(node.selfSize)] });
    for (const child of node.children) walk(child, stack);
  };
  walk(head, []);
  return {
    types: [
      ['inuse_objects', 'count'],
      ['inuse_space', 'bytes'],
    ],
    samples: found,
    began,
    durationMs,
    period: { type: ['space', 'bytes'], every: heapEveryBytes },
  } satisfies StackProfile;
}

function frameOf({ functionName, url, lineNumber }: { functionName: string; url: string; lineNumber: number }): Frame {
  return { name: functionName || '(anonymous)', file: url.replace(/^file:\/\//, ''), line: lineNumber + 1 };
}
