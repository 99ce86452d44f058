import type { FieldSet, FieldSetDraft } from './field-set.ts';

/** Itself first, then members, items by key, by value, by position. */
const kinds = '.fkvi';

/** The same set with its parts in the order in which Kubernetes writes them; the very same one where they are. */
export function inOrder(set: FieldSet): FieldSet {
  let isSorted = true;
  let before: string | undefined;
  let changed: FieldSetDraft | undefined;
  for (const part in set) {
    if (before !== undefined && isSorted && compareParts(before, part) > 0) isSorted = false;
    before = part;
    const node = set[part]!;
    const ordered = inOrder(node);
    if (ordered !== node) (changed ??= { ...set })[part] = ordered;
  }
  const parts = changed ?? set;
  return isSorted ? parts : sorted(parts);
}

function sorted(set: FieldSet): FieldSet {
  const result: FieldSetDraft = {};
  for (const part of Object.keys(set).sort(compareParts)) result[part] = set[part]!;
  return result;
}

/** Compares two parts, such as `f:name` and `k:{"port":80}`. */
export function compareParts(a: string, b: string): number {
  const order = kinds.indexOf(a[0]!) - kinds.indexOf(b[0]!);
  if (order !== 0) return order;
  return a[0] === 'f' ? compareTexts(a, b) : compareScalars(a, b);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a value begins with: numbers stand before texts, those before truth values. */
const firstLetters = '-0123456789"ftn';

/** By the first value in which they differ, as texts but for numbers. */
function compareScalars(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  while (at > 0 && isDigit(a[at - 1])) at--;
  if (a[at - 1] !== ':') return compareTexts(a, b);
  if (isDigit(a[at]) && isDigit(b[at]))
    return Number.parseInt(a.slice(at), 10) - Number.parseInt(b.slice(at), 10) || compareTexts(a, b);
  return firstLetters.indexOf(a[at]!) - firstLetters.indexOf(b[at]!) || compareTexts(a, b);
}

function isDigit(letter: string | undefined): boolean {
  return letter !== undefined && letter >= '0' && letter <= '9';
}
