import { RawNumber } from './raw-number.ts';

/**
 * Texts as Go prints them. Messages of the API quote names and values, and clients and users compare those messages,
 * so the quoting has to be the same to the letter.
 */

const shortEscapes: Record<string, string> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Letters, marks, numbers, punctuation, symbols and the ordinary space: what Go prints as it is. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** The text in double quotes with Go's escapes, as `%q` prints it. */
export function goQuote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const char of text) quoted += shortEscapes[char] ?? (isPrintable(char) ? char : escaped(char.codePointAt(0)!));
  return `${quoted}"`;
}

/** What {@link goQuote} was given. */
export function goUnquote(quoted: string): string {
  const escape = /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/g;
  return quoted.slice(1, -1).replace(escape, (_, ...[two, four, eight, letter]: (string | undefined)[]) => {
    const code = two ?? four ?? eight;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return Object.keys(shortEscapes).find((char) => shortEscapes[char] === `\\${letter}`) ?? '';
  });
}

/** Whether Go prints the character as it is. */
export function isPrintable(char: string): boolean {
  return printable.test(char);
}

function escaped(code: number): string {
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** A character as `%#U` prints it: `U+0041 'A'`, or `U+0001` when it cannot be printed. */
export function goCodePoint(char: string): string {
  const code = `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrintable(char) ? `${code} '${char}'` : code;
}

/** JSON as Go's encoder writes it: the characters that matter in HTML are escaped. */
export function goJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(/[<>&\u2028\u2029]/g, (char) => `\\u${hex(char.charCodeAt(0), 4)}`);
}

/** Strings quoted in brackets without commas, as `%q` prints a list. */
export function goQuoteList(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`;
}

const encoder = new TextEncoder();

/** Bytes of the text in UTF-8: what Go counts as the length of a string. */
export function byteLength(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return encoder.encode(text).length;
  return text.length;
}

/** Letters of a value that a message shows; nobody reads more, and a whole body may be large. */
const shownLetters = 8192;

/** A text as a message shows it: of a long one the beginning, and how long it is. `length`: of a text that begins so. */
export function shortened(text: string, most = shownLetters, length = text.length): string {
  if (length <= most) return text;
  const end = isHighSurrogate(text.charCodeAt(most - 1)) ? most - 1 : most;
  return `${text.slice(0, end)}… (${length} characters)`;
}

/**
 * Letters of a path. A key may be as long as a body, and thousands of values below it may be told of: each would be made,
 * sorted and compared with the whole key.
 */
const longestPath = 2048;

/** The path of a field with more at its end. What is below a path that is too long has the same one. */
export function extendedPath(path: string, more: string): string {
  return path.length > longestPath ? path : shortened(path + more, longestPath);
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

/** A value as JSON for a message: of a large one the beginning. */
export function shownJson(value: unknown): string {
  return shortened(JSON.stringify(value) ?? 'null');
}

/**
 * A JSON value as `%v` prints it: `map[a:1 b:[x y]]`, members in the order of their names; of a large one the
 * beginning.
 */
export function goValue(value: unknown): string {
  const printer = new GoPrinter();
  printer.print(value);
  return shortened(printer.text);
}

/** Stops when there is more than is shown. */
class GoPrinter {
  text = '';

  print(value: unknown): void {
    if (value === null || value === undefined) this.text += '<nil>';
    else if (Array.isArray(value)) this.#list(value);
    else if (value instanceof RawNumber) this.text += String(value);
    else if (typeof value === 'object') this.#map(value as Record<string, unknown>);
    else this.text += typeof value === 'number' ? goNumber(value) : String(value);
  }

  #list(list: readonly unknown[]): void {
    this.text += '[';
    for (let at = 0; at < list.length && !this.#isFull(); at++) {
      if (at > 0) this.text += ' ';
      this.print(list[at]);
    }
    this.text += ']';
  }

  #map(members: Record<string, unknown>): void {
    this.text += 'map[';
    let separator = '';
    for (const name of Object.keys(members).sort()) {
      if (this.#isFull()) break;
      this.text += `${separator}${name}:`;
      separator = ' ';
      this.print(members[name]);
    }
    this.text += ']';
  }

  #isFull(): boolean {
    return this.text.length > shownLetters;
  }
}

/** Whole numbers as they are; others as Go prints a float: with an exponent of two digits when it is large or small. */
export function goNumber(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? String(value) : String(BigInt(value));
  const [mantissa = '', exponent] = String(value).split('e');
  if (exponent === undefined && (value === 0 || Math.abs(value) >= 1e-4)) return mantissa;
  const [digits = '', power = ''] = value.toExponential().split('e');
  return `${digits}e${power[0]}${power.slice(1).padStart(2, '0')}`;
}
