import type { FieldSet, FieldSetDraft } from './field-set.ts';

/** Itself first, then members, items by key, by value, by position. */
const kinds = '.fkvi';

/** Large sets that were made in order, with all that is in them. */
const madeInOrder = new WeakSet<FieldSet>();

export function noteInOrder(set: FieldSet): void {
  madeInOrder.add(set);
}

/** The same set with its parts in the order in which Kubernetes writes them; the very same one where they are. */
export function inOrder(set: FieldSet): FieldSet {
  let isSorted = true;
  let before: string | undefined;
  let changed: FieldSetDraft | undefined;
  let count = 0;
  for (const part in set) {
    if (++count === manyParts && madeInOrder.has(set)) return set;
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

/** Beyond so many parts a set is a table, which takes as long to bring into order as to make: it is made in order. */
export const manyParts = 64;

/** The parts in the order in which Kubernetes writes them; the list itself where they are, or else sorted in place. */
export function sortedParts(parts: string[]): string[] {
  for (let at = 1; at < parts.length; at++)
    if (compareParts(parts[at - 1]!, parts[at]!) > 0) return parts.sort(compareParts);
  return parts;
}

/** Compares two parts, such as `f:name` and `k:{"port":80}`. */
export function compareParts(a: string, b: string): number {
  const kind = a.charCodeAt(0);
  if (kind !== b.charCodeAt(0)) return kinds.indexOf(a[0]!) - kinds.indexOf(b[0]!);
  return kind === member ? compareTexts(a, b) : compareScalars(a, b);
}

const member = 'f'.charCodeAt(0);

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a value begins with: numbers stand before texts, those before truth values. */
const firstLetters = '-0123456789"ftn';

/** By the first value in which they differ, as texts but for numbers. */
function compareScalars(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  while (at > 0 && isDigit(a[at - 1])) at--;
  if (a[at - 1] !== ':' || isInText(a, at)) return compareTexts(a, b);
  if (isDigit(a[at]) && isDigit(b[at]))
    return Number.parseInt(a.slice(at), 10) - Number.parseInt(b.slice(at), 10) || compareTexts(a, b);
  return firstLetters.indexOf(a[at]!) - firstLetters.indexOf(b[at]!) || compareTexts(a, b);
}

/** Whether the position is within quotes: there a colon says nothing. */
function isInText(part: string, position: number): boolean {
  let isText = false;
  for (let at = part.indexOf('"'); at >= 0 && at < position; at = part.indexOf('"', at + 1))
    if (part[at - 1] !== '\\') isText = !isText;
  return isText;
}

function isDigit(letter: string | undefined): boolean {
  return letter !== undefined && letter >= '0' && letter <= '9';
}
