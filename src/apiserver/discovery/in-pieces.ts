import type { Steps } from '../../base/in-steps.ts';

/** What `make` makes of each item, a few at a time. */
export function* each<I, O>(items: Iterable<I>, make: (item: I) => O, atOnce = 32): Steps<O[]> {
  const made: O[] = [];
  for (const item of items) {
    made.push(make(item));
    if (made.length % atOnce === 0) yield;
  }
  return made;
}

/** So many characters are made of a document at once. */
const textAtOnce = 64 * 1024;
/** Lists and maps of a document are written by their entries down to here. */
const deepest = 3;

/** A document as JSON with a newline, in pieces. */
export function* json(document: unknown): Steps<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let text = '';
  for (const part of partsOf(document, deepest)) {
    text += part;
    if (text.length < textAtOnce) continue;
    pieces.push(Buffer.from(text));
    text = '';
    yield;
  }
  pieces.push(Buffer.from(`${text}\n`));
  return pieces;
}

function* partsOf(value: unknown, depth: number): Iterable<string> {
  if (depth === 0 || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value);
    return;
  }
  const isList = Array.isArray(value);
  let before = isList ? '[' : '{';
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    yield isList ? before : `${before}${JSON.stringify(name)}:`;
    yield* partsOf(member, depth - 1);
    before = ',';
  }
  yield `${before === ',' ? '' : before}${isList ? ']' : '}'}`;
}
