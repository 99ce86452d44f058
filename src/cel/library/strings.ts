import { memberOverload, overload, type Library } from '../check/function.ts';
import { dynType, intType, listType, stringType } from '../type.ts';
import { spendItems, spendLetters } from '../values/effort.ts';
import { itemsOf, type List } from '../values/list.ts';
import { expressionText } from '../values/show.ts';
import { CelError, type Int, textLength } from '../values/value.ts';
import { formatText } from './format-text.ts';

/** Positions in texts count code points. Most texts have none but those that JavaScript counts in the same way. */
function isPlain(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text);
}

function outOfRange(index: Int): CelError {
  return new CelError(`index out of range: ${index}`);
}

function charAt(text: string, index: Int): string | CelError {
  if (index < 0 || index > textLength(text)) return outOfRange(index);
  return (isPlain(text) ? text[Number(index)] : [...text][Number(index)]) ?? '';
}

/** At worst each letter of the one is compared with each of the other; so many of these take as long as a letter. */
const comparisonsOfLetter = 8;

/** Counts that one text is looked for in another. */
function spendSearch(text: string, part: string): void {
  const places = text.length - part.length + 1;
  if (places > 0) spendLetters((places * part.length) / comparisonsOfLetter);
}

function indexOf(text: string, part: string, offset: Int = 0): Int | CelError {
  if (part === '') return offset;
  spendSearch(text, part);
  if (offset < 0) return outOfRange(offset);
  if (isPlain(text)) return text.indexOf(part, Number(offset));
  const letters = [...text];
  if (offset >= letters.length) return -1;
  const start = letters.slice(0, Number(offset)).join('').length;
  const found = text.indexOf(part, start);
  return found < 0 ? -1 : textLength(text.slice(0, found));
}

function lastIndexOf(text: string, part: string, offset?: Int): Int | CelError {
  const length = textLength(text);
  if (part === '') return offset ?? length;
  spendSearch(text, part);
  if (offset === undefined) return textLength(part) > length ? -1 : lastIndexOf(text, part, Math.max(0, length - 1));
  if (offset < 0) return outOfRange(offset);
  if (offset >= length) return -1;
  const start = isPlain(text) ? Number(offset) : [...text].slice(0, Number(offset)).join('').length;
  const found = text.lastIndexOf(part, start);
  return found < 0 ? -1 : textLength(text.slice(0, found));
}

/** No longer text is made by replacing, in letters: some times the largest request. */
const longestReplaced = 16 * 1024 * 1024;

function replace(text: string, from: string, to: string, limit: Int = -1): string | CelError {
  const times = Math.min(limit < 0 ? Infinity : Number(limit), placesOf(text, from));
  if (times * to.length > longestReplaced) return new CelError('the text would be too long');
  spendItems(2 * times);
  spendLetters(times * to.length);
  if (limit < 0) return from === '' ? surround(text, to, Infinity) : text.replaceAll(from, () => to);
  if (from === '') return surround(text, to, Number(limit));
  let result = '';
  let at = 0;
  for (let count = 0; count < limit; count++) {
    const found = text.indexOf(from, at);
    if (found < 0) break;
    result += text.slice(at, found) + to;
    at = found + from.length;
  }
  return result + text.slice(at);
}

/** How often one text is found in another; an empty one before each letter and at the end. */
function placesOf(text: string, part: string): number {
  if (part === '') return text.length + 1;
  spendSearch(text, part);
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

/** The text with something put before each letter and at its end, so often at most. */
function surround(text: string, to: string, limit: number): string {
  const letters = [...text].map((letter, index) => (index < limit ? to + letter : letter));
  return letters.join('') + (letters.length < limit ? to : '');
}

function split(text: string, separator: string, limit: Int = -1): readonly string[] {
  if (limit === 0) return [];
  spendSearch(text, separator);
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  const last = Number(limit) - 1;
  return [...parts.slice(0, last), parts.slice(last).join(separator)];
}

function substring(text: string, start: Int, end?: Int): string | CelError {
  const letters = isPlain(text) ? text : [...text];
  const { length } = letters;
  if (end !== undefined && start > end) return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0 || start > length) return outOfRange(start);
  if (end !== undefined && (end < 0 || end > length)) return outOfRange(end);
  const found = letters.slice(Number(start), end === undefined ? undefined : Number(end));
  return typeof found === 'string' ? found : found.join('');
}

/** Blanks as Go's TrimSpace has them. */
const blank = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function isBlank(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit < 0x80 ? unit === 0x20 || (unit >= 9 && unit <= 13) : blank.test(text[at]!);
}

function trim(text: string): string {
  let [start, end] = [0, text.length];
  while (end > start && isBlank(text, end - 1)) end--;
  while (start < end && isBlank(text, start)) start++;
  return text.slice(start, end);
}

function join(list: List, separator = ''): string | CelError {
  const items = itemsOf(list);
  const odd = items.find((item) => typeof item !== 'string');
  if (odd !== undefined) return new CelError(`join: invalid input: ${expressionText(odd)}`);
  for (const item of items) spendLetters((item as string).length + separator.length);
  return items.join(separator);
}

const escapes: Readonly<Record<string, string>> = {
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

function quote(text: string): string {
  spendLetters(text.length);
  return `"${text.toWellFormed().replace(/[\u0007\b\f\n\r\t\v\\"]/g, (letter) => escapes[letter]!)}"`;
}

const [S, I] = [stringType, intType];
const listOfS = listType(S);

/** Texts, in the language's extension as Kubernetes has it. */
export const strings: Library = {
  charAt: [memberOverload('string_char_at_int', [S, I], S, charAt)],
  indexOf: [
    memberOverload('string_index_of_string', [S, S], I, indexOf),
    memberOverload('string_index_of_string_int', [S, S, I], I, indexOf),
  ],
  lastIndexOf: [
    memberOverload('string_last_index_of_string', [S, S], I, lastIndexOf),
    memberOverload('string_last_index_of_string_int', [S, S, I], I, lastIndexOf),
  ],
  lowerAscii: [
    memberOverload('string_lower_ascii', [S], S, (text: string) => text.replace(/[A-Z]+/g, (run) => run.toLowerCase())),
  ],
  upperAscii: [
    memberOverload('string_upper_ascii', [S], S, (text: string) => text.replace(/[a-z]+/g, (run) => run.toUpperCase())),
  ],
  replace: [
    memberOverload('string_replace_string_string', [S, S, S], S, replace),
    memberOverload('string_replace_string_string_int', [S, S, S, I], S, replace),
  ],
  split: [
    memberOverload('string_split_string', [S, S], listOfS, split),
    memberOverload('string_split_string_int', [S, S, I], listOfS, split),
  ],
  substring: [
    memberOverload('string_substring_int', [S, I], S, substring),
    memberOverload('string_substring_int_int', [S, I, I], S, substring),
  ],
  trim: [memberOverload('string_trim', [S], S, trim)],
  join: [memberOverload('list_join', [listOfS], S, join), memberOverload('list_join_string', [listOfS, S], S, join)],
  'strings.quote': [overload('strings_quote', [S], S, quote)],
  format: [memberOverload('string_format', [S, listType(dynType)], S, formatText)],
};
