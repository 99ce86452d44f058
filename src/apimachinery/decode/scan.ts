import { RawNumber } from '../raw-number.ts';
import { DecodeError } from './decode-error.ts';

/**
 * How deep objects and lists may stand in each other. Kubernetes allows 10,000; whatever walks a value here recurses, and a
 * thousand is far from the end of the stack.
 */
export const maximumDepth = 1000;

/** What one look over a JSON text tells without reading it. */
export interface TextScan {
  /** Members of objects, if the text is valid: `JSON.parse` keeps the last of repeated ones, and says nothing. */
  readonly members: number;
  /** Where numbers begin and end that JavaScript's own would change, one after the other. */
  readonly oddNumbers: readonly number[];
}

const quote = 0x22;
const plus = 0x2b;
const minus = 0x2d;
const dot = 0x2e;
const colon = 0x3a;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const [zero, nine, smallE, largeE] = [0x30, 0x39, 0x65, 0x45];
/** Integers of as many characters are exact in any case; the largest exact one, 9007199254740991, has one more. */
const exactLength = 15;

/** Throws {@link DecodeError} for a text that nests too deeply; otherwise says nothing about whether it is valid. */
export function scanText(text: string): TextScan {
  let members = 0;
  let depth = 0;
  const oddNumbers: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) at = endOfString(text, at);
    else if (char === colon) members++;
    else if (isDigit(char)) {
      const start = at;
      let isInteger = true;
      for (; at + 1 < text.length; at++) {
        const next = text.charCodeAt(at + 1);
        if (isDigit(next)) continue;
        if (next !== dot && next !== smallE && next !== largeE && next !== plus && next !== minus) break;
        isInteger = false;
      }
      if (!isInteger || at + 1 - start > exactLength) noteOdd(oddNumbers, text, start, at + 1);
    } else if (char === closeObject || char === closeList) depth--;
    else if ((char === openObject || char === openList) && ++depth > maximumDepth)
      throw new DecodeError(`invalid character '${String.fromCharCode(char)}' exceeded max depth`);
  }
  return { members, oddNumbers };
}

function isDigit(char: number): boolean {
  return char >= zero && char <= nine;
}

function noteOdd(oddNumbers: number[], text: string, start: number, end: number): void {
  const from = text.charCodeAt(start - 1) === minus ? start - 1 : start;
  const number = text.slice(from, end);
  if (String(Number(number)) !== number) oddNumbers.push(from, end);
}

/** The position of the quote that closes the string which opens at `at`. */
export function endOfString(text: string, at: number): number {
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return at;
  }
}

/** Members in a parsed value, however deep. */
export function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof RawNumber) return 0;
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += countMembers(item);
  else
    for (const name in value) {
      const member = (value as Record<string, unknown>)[name];
      count += typeof member === 'object' ? 1 + countMembers(member) : 1;
    }
  return count;
}
