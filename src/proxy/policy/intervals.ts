/** Whole numbers from the first to the last, both included: ports, or IPv4 addresses. */
export type Interval = readonly [first: number, last: number];

/** The numbers that are in any of them: in ascending order, with a gap between two. */
export function union(intervals: readonly Interval[]): Interval[] {
  const merged: [number, number][] = [];
  for (const [first, last] of intervals.toSorted((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** The numbers of `whole` that are in none of `holes`. */
export function without([first, last]: Interval, holes: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let next = first;
  for (const [from, to] of union(holes)) {
    if (to < next || from > last) continue;
    if (from > next) left.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= last) left.push([next, last]);
  return left;
}
