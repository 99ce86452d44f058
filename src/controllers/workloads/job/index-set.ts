interface Interval {
  readonly first: number;
  readonly last: number;
}

/** A set of completion indexes, kept as intervals: a job may have very many, most of them side by side. */
export class IndexSet {
  static readonly empty = new IndexSet([]);
  /** In order, with gaps between them. */
  readonly #intervals: readonly Interval[];

  private constructor(intervals: readonly Interval[]) {
    this.#intervals = intervals;
  }

  static of(indexes: Iterable<number>): IndexSet {
    return new IndexSet(joined([...indexes].map((index) => ({ first: index, last: index }))));
  }

  /** Reads `0,2-5`; drops what is not below `completions`, and what is no index. */
  static parse(text: string, completions: number): IndexSet {
    const intervals = text.split(',').flatMap((part): Interval[] => {
      const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      if (from === undefined || Number(from) >= completions) return [];
      return [{ first: Number(from), last: Math.min(Number(to), completions - 1) }];
    });
    return new IndexSet(joined(intervals));
  }

  get size(): number {
    return this.#intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  }

  has(index: number): boolean {
    return this.#intervals.some(({ first, last }) => first <= index && index <= last);
  }

  union(other: IndexSet): IndexSet {
    return new IndexSet(joined([...this.#intervals, ...other.#intervals]));
  }

  /** How many indexes both have. */
  overlap(other: IndexSet): number {
    return this.size + other.size - this.union(other).size;
  }

  /** The first `count` indexes below `completions` that are not in the set. */
  missing(count: number, completions: number): number[] {
    const found: number[] = [];
    let candidate = 0;
    for (const { first, last } of [...this.#intervals, { first: completions, last: completions }]) {
      for (; candidate < Math.min(first, completions) && found.length < count; candidate++) found.push(candidate);
      candidate = Math.max(candidate, last + 1);
    }
    return found;
  }

  /** `0,2-5`: two neighbours are written as two, more as an interval. */
  toString(): string {
    return this.#intervals
      .map(({ first, last }) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
      .join(',');
  }
}

function joined(intervals: Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const interval of intervals.sort((a, b) => a.first - b.first)) {
    const before = result.at(-1);
    if (before === undefined || interval.first > before.last + 1) result.push(interval);
    else if (interval.last > before.last) result[result.length - 1] = { first: before.first, last: interval.last };
  }
  return result;
}
