import type { Sample } from './node-sample.ts';

/** What is used in the time between two samples. */
export interface Rate {
  readonly at: number;
  readonly windowMs: number;
  /** Billionths of a core. */
  readonly nanoCores: number;
  readonly memoryBytes: number;
}

/** The newest sample, and the one before it that it can be compared with. */
export interface Window {
  readonly last: Sample;
  readonly before: Sample | undefined;
}

/**
 * A container that has run for less says little about what it will use; one that has run for longer, about what it uses
 * now.
 */
const leastAgeMs = 10_000;
const mostAgeMs = 60_000;

/**
 * Takes a new sample in. What has just been started counts from its start, when nothing was used; other things that are
 * seen for the first time, or have started anew, have to wait for the next sample. One that is no newer changes nothing.
 */
export function nextWindow(window: Window | undefined, sample: Sample): Window {
  const { startedAt } = sample;
  if (window !== undefined) {
    const { last } = window;
    if (sample.at <= last.at) return window;
    const isSame = startedAt === undefined || startedAt < last.at;
    if (isSame && sample.cpuSeconds >= last.cpuSeconds) return { last: sample, before: last };
  }
  const ageMs = startedAt === undefined ? 0 : sample.at - startedAt;
  const isFresh = startedAt !== undefined && ageMs >= leastAgeMs && ageMs <= mostAgeMs;
  return { last: sample, before: isFresh ? { at: startedAt, cpuSeconds: 0, memoryBytes: 0 } : undefined };
}

/** `undefined` when there is nothing to compare with. */
export function rateOf({ last, before }: Window): Rate | undefined {
  if (before === undefined) return undefined;
  const windowMs = last.at - before.at;
  const nanoCores = ((last.cpuSeconds - before.cpuSeconds) / (windowMs / 1000)) * 1e9;
  return { at: last.at, windowMs, nanoCores, memoryBytes: last.memoryBytes };
}
