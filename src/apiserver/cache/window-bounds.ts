import type { ResourceCache } from './resource-cache.ts';

/** How much the last changes of one kind, and of all kinds together, may keep in memory, in bytes, and for how long. */
export interface WindowBounds {
  readonly kindBytes: number;
  readonly totalBytes: number;
  readonly ageMs: number;
}

export const usualWindow: WindowBounds = { kindBytes: 16 << 20, totalBytes: 64 << 20, ageMs: 5 * 60_000 };

/** A kind of which the last changes are kept. */
type Bounded = Pick<ResourceCache, 'windowBytes' | 'trim'>;

/** Bounds what the windows of all kinds keep: those of one by its size, all by taking from the largest, and by `byAge`. */
export function trimWindows(
  kinds: Iterable<Bounded>,
  { kindBytes, totalBytes, ageMs }: WindowBounds,
  now: number,
  byAge: boolean,
): void {
  const oldest = now - ageMs;
  let total = 0;
  let largest: Bounded | undefined;
  for (const kind of kinds) {
    if (byAge || kind.windowBytes > kindBytes) kind.trim(kindBytes, oldest);
    total += kind.windowBytes;
    if (largest === undefined || kind.windowBytes > largest.windowBytes) largest = kind;
  }
  if (total > totalBytes) largest?.trim(Math.max(0, largest.windowBytes - (total - totalBytes)), oldest);
}
