import { goQuote } from '../go-text.ts';

/** What may come next: a value, a member's name, what follows one of them, or nothing any more. */
type State = 'value' | 'item-or-end' | 'name' | 'name-or-end' | 'colon' | 'after-member' | 'after-item' | 'end';

const expectations: Readonly<Record<State, string>> = {
  value: 'looking for beginning of value',
  'item-or-end': 'looking for beginning of value',
  name: 'looking for beginning of object key string',
  'name-or-end': 'looking for beginning of object key string',
  colon: 'after object key',
  'after-member': 'after object key:value pair',
  'after-item': 'after array element',
  end: 'after top-level value',
};

/** A place that a text is wrong at, and what was read there. */
class Fault {
  readonly at: number;
  readonly where: string;

  constructor(at: number, where: string) {
    this.at = at;
    this.where = where;
  }
}

/** What Go's decoder says of a text that is no JSON, by the first character that cannot stand where it does. */
export function jsonFault(text: string): string {
  const fault = firstFault(text);
  if (fault === undefined) return 'unexpected end of JSON input';
  const { at, where } = fault;
  // Go ends the text with a blank for itself where a number or a word has begun.
  const character = at < text.length ? String.fromCodePoint(text.codePointAt(at)!) : ' ';
  const quoted = character === '"' ? '"' : character === "'" ? "\\'" : goQuote(character).slice(1, -1);
  return `invalid character '${quoted}' ${where}`;
}

/** `undefined`: the text just ends. */
function firstFault(text: string): Fault | undefined {
  const open: ('{' | '[')[] = [];
  let state: State = 'value';
  let at = 0;
  const closed = (): State => (open.length === 0 ? 'end' : open.at(-1) === '{' ? 'after-member' : 'after-item');
  while (at < text.length) {
    const character = text[at]!;
    if (/[ \t\r\n]/.test(character)) at++;
    else if (character === '"' && (state === 'name' || state === 'name-or-end')) {
      const end = stringEnd(text, at);
      if (typeof end !== 'number') return end;
      at = end;
      state = 'colon';
    } else if (state === 'value' || (state === 'item-or-end' && character !== ']')) {
      if (character === '{' || character === '[') {
        open.push(character);
        state = character === '{' ? 'name-or-end' : 'item-or-end';
        at++;
        continue;
      }
      const end = scalarEnd(text, at);
      if (typeof end !== 'number') return end;
      at = end;
      state = closed();
    } else {
      const next = afterMark(state, character);
      if (next === undefined) return new Fault(at, expectations[state]);
      at++;
      if (next === 'closed') open.pop();
      state = next === 'closed' ? closed() : next;
    }
  }
  return undefined;
}

/** What a mark between values leads to; `undefined`: it may not stand there. */
function afterMark(state: State, mark: string): State | 'closed' | undefined {
  switch (state) {
    case 'colon':
      return mark === ':' ? 'value' : undefined;
    case 'name-or-end':
      return mark === '}' ? 'closed' : undefined;
    case 'item-or-end':
      return mark === ']' ? 'closed' : undefined;
    case 'after-member':
      return mark === ',' ? 'name' : mark === '}' ? 'closed' : undefined;
    case 'after-item':
      return mark === ',' ? 'value' : mark === ']' ? 'closed' : undefined;
    default:
      return undefined;
  }
}

type End = number | Fault | undefined;

/** The place behind a text, number or word; `undefined`: it is not finished. */
function scalarEnd(text: string, at: number): End {
  const first = text[at]!;
  if (first === '"') return stringEnd(text, at);
  if (first === 't') return wordEnd(text, at, 'true');
  if (first === 'f') return wordEnd(text, at, 'false');
  if (first === 'n') return wordEnd(text, at, 'null');
  if (first === '-' || isDigit(first)) return numberEnd(text, at);
  return new Fault(at, expectations.value);
}

function wordEnd(text: string, start: number, word: string): End {
  for (let i = 1; i < word.length; i++)
    if (text[start + i] !== word[i]) return new Fault(start + i, `in literal ${word} (expecting '${word[i]}')`);
  return start + word.length;
}

function numberEnd(text: string, start: number): End {
  const digits = (at: number, where: string): number | Fault => {
    if (!isDigit(text[at])) return new Fault(at, where);
    while (isDigit(text[at])) at++;
    return at;
  };
  let end: number | Fault = start + (text[start] === '-' ? 1 : 0);
  end = text[end] === '0' ? end + 1 : digits(end, 'in numeric literal');
  if (typeof end === 'number' && text[end] === '.') end = digits(end + 1, 'after decimal point in numeric literal');
  if (typeof end === 'number' && /[eE]/.test(text[end] ?? '')) {
    const sign: number = /[-+]/.test(text[end + 1] ?? '') ? 1 : 0;
    end = digits(end + 1 + sign, 'in exponent of numeric literal');
  }
  return end;
}

function stringEnd(text: string, start: number): End {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') return at + 1;
    if (character < ' ') return new Fault(at, 'in string literal');
    if (character !== '\\') continue;
    at++;
    if (text[at] !== 'u') {
      if (at < text.length && !/["\\/bfnrt]/.test(text[at]!)) return new Fault(at, 'in string escape code');
      continue;
    }
    for (let i = 0; i < 4; i++) {
      at++;
      if (at < text.length && !/[0-9a-fA-F]/.test(text[at]!))
        return new Fault(at, 'in \\u hexadecimal character escape');
    }
  }
  return undefined;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}
