import { goQuote } from '../../../apimachinery/go-text.ts';

/** Why a text is no list of indexes, in Kubernetes' words. */
export interface IndexComplaint {
  readonly complaint: string;
}

/** The number of indexes in `0,2-5,7`, all below `completions` and each larger than the one before. */
export function countIndexes(text: string, completions: number): number | IndexComplaint {
  if (text === '') return 0;
  let total = 0;
  let previous: number | undefined;
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if ('complaint' in interval) return interval;
    const { first, last } = interval;
    if (previous !== undefined && previous >= first) return notIncreasing(previous, first);
    total += last - first + 1;
    previous = last;
  }
  return total;
}

/** The first index that stands in both lists; what is no index is passed over. */
export function commonIndex(one: string, other: string, completions: number): number | undefined {
  const theirs = intervalsOf(other, completions);
  let at = 0;
  for (const { first, last } of intervalsOf(one, completions)) {
    while (at < theirs.length && theirs[at]!.last < first) at++;
    const their = theirs[at];
    if (their !== undefined && their.first <= last) return Math.max(first, their.first);
  }
  return undefined;
}

interface Interval {
  readonly first: number;
  readonly last: number;
}

function intervalsOf(text: string, completions: number): Interval[] {
  if (text === '') return [];
  return text.split(',').flatMap((part) => {
    const interval = parseInterval(part, completions);
    return 'complaint' in interval ? [] : [interval];
  });
}

function parseInterval(text: string, completions: number): Interval | IndexComplaint {
  const limits = text.split('-');
  if (limits.length > 2) {
    const rule = "violates the requirement that an index interval can have at most two parts separated by '-'";
    return { complaint: `the fragment ${goQuote(text)} ${rule}` };
  }
  const indexes: number[] = [];
  for (const limit of limits) {
    if (!/^[+-]?\d+$/.test(limit) || Math.abs(Number(limit)) >= 2 ** 63)
      return { complaint: `cannot convert string to integer for index: ${goQuote(limit)}` };
    if (Number(limit) >= completions) return { complaint: `too large index: ${goQuote(limit)}` };
    indexes.push(Number(limit));
  }
  const [first = 0, last = first] = indexes;
  return limits.length === 2 && first >= last ? notIncreasing(first, last) : { first, last };
}

function notIncreasing(previous: number, current: number): IndexComplaint {
  return { complaint: `non-increasing order, previous: ${previous}, current: ${current}` };
}
