/**
 * Finding members that a JSON text has twice. `JSON.parse` keeps the last and says nothing, so the members of the text
 * are counted and compared with those of the value: only a text that has too many is read a second time, slowly.
 */

/** Members in a JSON text, which must be valid. */
export function countMembersOfText(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === colon) count++;
    else if (char === quote) at = endOfString(text, at);
  }
  return count;
}

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/** The position of the quote that closes the string which opens at `at`. */
function endOfString(text: string, at: number): number {
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return at;
  }
}

/** Members in a parsed value, however deep. */
export function countMembersOfValue(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += countMembersOfValue(item);
  else
    for (const name in value) {
      const member = (value as Record<string, unknown>)[name];
      count += typeof member === 'object' ? 1 + countMembersOfValue(member) : 1;
    }
  return count;
}

/** One member of an object in a text, in the order of the text. */
export interface TextMember {
  readonly path: readonly (string | number)[];
  /** Whether the object had a member of this name before. */
  readonly repeated: boolean;
}

/** Every member of a JSON text, which must be valid, in the order of the text. */
export function membersOfText(text: string): TextMember[] {
  const members: TextMember[] = [];
  let at = 0;
  read([]);
  return members;

  function read(path: readonly (string | number)[]): void {
    skipBlanks();
    if (text[at] === '{') readObject(path);
    else if (text[at] === '[') readList(path);
    else if (text[at] === '"') at = endOfString(text, at) + 1;
    else while (at < text.length && !/[,\]}\s]/.test(text[at]!)) at++;
  }

  function readObject(path: readonly (string | number)[]): void {
    const seen = new Set<string>();
    at++;
    for (skipBlanks(); text[at] !== '}'; skipBlanks()) {
      const end = endOfString(text, at);
      const name = JSON.parse(text.slice(at, end + 1)) as string;
      members.push({ path: [...path, name], repeated: seen.has(name) });
      seen.add(name);
      at = text.indexOf(':', end) + 1;
      read([...path, name]);
      skipBlanks();
      if (text[at] === ',') at++;
    }
    at++;
  }

  function readList(path: readonly (string | number)[]): void {
    at++;
    let index = 0;
    for (skipBlanks(); text[at] !== ']'; skipBlanks()) {
      read([...path, index++]);
      skipBlanks();
      if (text[at] === ',') at++;
    }
    at++;
  }

  function skipBlanks(): void {
    while (/\s/.test(text[at] ?? '')) at++;
  }
}
