/** Keys from `start` up to, not with, `end`, in the order of their UTF-16 code units. */
export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

/** All keys that begin with `prefix`. */
export function prefixRange(prefix: string): KeyRange {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const unit = prefix.charCodeAt(i);
    if (unit < 0xffff) return { start: prefix, end: prefix.slice(0, i) + String.fromCharCode(unit + 1) };
  }
  return { start: prefix, end: '\uffff'.repeat(prefix.length + 1) };
}
