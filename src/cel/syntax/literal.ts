import { CelError, largestUint, largestInt, smallestInt, intOf, Double, Uint, type Value } from '../values/value.ts';
import type { Token } from './lexer.ts';

/** The value of a literal, or why it has none. `isNegative`: a minus stands before it. */
export function literalValue({ kind, text }: Token, isNegative = false): Value | CelError {
  switch (kind) {
    case 'int': {
      const value = isNegative ? -BigInt(text) : BigInt(text);
      return value > largestInt || value < smallestInt ? new CelError('invalid int literal') : intOf(value);
    }
    case 'uint': {
      const value = BigInt(text.slice(0, -1));
      return value > largestUint ? new CelError('invalid uint literal') : new Uint(intOf(value));
    }
    case 'float': {
      const value = Number(text);
      if (!Number.isFinite(value)) return new CelError('invalid double literal');
      return new Double(isNegative ? -value : value);
    }
    case 'bytes':
      return unquoted(text.slice(1), true);
    case 'string':
      return unquoted(text, false);
    default:
      return text === 'null' ? null : text === 'true';
  }
}

function unquoted(text: string, isBytes: true): Uint8Array | CelError;
function unquoted(text: string, isBytes: boolean): string | Uint8Array | CelError;
function unquoted(text: string, isBytes: boolean): string | Uint8Array | CelError {
  const isRaw = /^[rR]/.test(text);
  const quoted = isRaw ? text.slice(1) : text;
  const quotes = /^("""|''')[^]*\1$/.test(quoted) && quoted.length >= 6 ? 3 : 1;
  const content = quoted.slice(quotes, -quotes).replace(/\r\n?/g, '\n');
  if (isBytes) return isRaw ? new TextEncoder().encode(content) : unescapedBytes(content);
  return isRaw ? content : unescapedText(content);
}

const letters: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const escapes = /\\(?:[xX]([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-3][0-7]{2})|([^]))/g;

function unescapedText(content: string): string | CelError {
  if (!content.includes('\\')) return content;
  let isValid = true;
  const text = content.replace(escapes, (_, x?: string, u?: string, long?: string, octal?: string, letter?: string) => {
    if (letter !== undefined) return letters[letter] ?? letter;
    const code = octal === undefined ? Number.parseInt((x ?? u ?? long)!, 16) : Number.parseInt(octal, 8);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      isValid = false;
      return '';
    }
    return String.fromCodePoint(code);
  });
  return isValid ? text : new CelError('invalid unicode code point');
}

/** In bytes an escape is a byte, and letters are bytes of UTF-8. */
function unescapedBytes(content: string): Uint8Array | CelError {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  let end = 0;
  for (const { 0: whole, 1: x, 2: u, 3: long, 4: octal, 5: letter, index } of content.matchAll(escapes)) {
    bytes.push(...encoder.encode(content.slice(end, index)));
    end = index + whole.length;
    if (u !== undefined || long !== undefined) return new CelError('unable to unescape string');
    if (letter !== undefined) bytes.push(...encoder.encode(letters[letter] ?? letter));
    else bytes.push(x === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(x, 16));
  }
  bytes.push(...encoder.encode(content.slice(end)));
  return Uint8Array.from(bytes);
}
