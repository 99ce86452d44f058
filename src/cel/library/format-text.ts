import { goQuote } from '../../apimachinery/go-text.ts';
import { spendItems, spendLetters } from '../values/effort.ts';
import { isList, itemsOf, type List } from '../values/list.ts';
import { isMap, keysOf, valueAt, type AnyMap } from '../values/map.ts';
import { quoted } from '../values/show.ts';
import { durationText, timestampText } from '../values/time.ts';
import { typeOf } from '../values/type-of.ts';
import { Type } from '../type.ts';
import { CelError, Double, Duration, Timestamp, Uint, type Int, type Value } from '../values/value.ts';
import { doubleText } from '../values/double-text.ts';

/** One clause of a format, such as `%.2f`, or the text between two. */
export type Clause = { readonly kind: 'text'; readonly text: string } | Placeholder;

export interface Placeholder {
  readonly kind: 'b' | 'd' | 'e' | 'f' | 'o' | 's' | 'x' | 'X';
  readonly precision: number;
}

/** Digits behind the point where a format does not say. */
const defaultPrecision = 6;
const largestPrecision = 1000;

/** The clauses of a format until the first that is none; `problem` says what is wrong with that. */
export function clausesOf(format: string): { readonly clauses: readonly Clause[]; readonly problem?: string } {
  const clauses: Clause[] = [];
  let at = 0;
  while (at < format.length) {
    const next = format.indexOf('%', at);
    if (next < 0) break;
    if (next > at) clauses.push({ kind: 'text', text: format.slice(at, next) });
    if (format[next + 1] === '%') {
      clauses.push({ kind: 'text', text: '%' });
      at = next + 2;
      continue;
    }
    const clause = /(?:\.(\d*))?([^])?/y;
    clause.lastIndex = next + 1;
    const [whole = '', digits, letter] = clause.exec(format)!;
    const problem = clauseProblem(whole, digits, letter);
    if (problem !== undefined) return { clauses, problem };
    const precision = digits === undefined ? defaultPrecision : Number(digits);
    clauses.push({ kind: letter as Placeholder['kind'], precision });
    at = next + 1 + whole.length;
  }
  if (at < format.length) clauses.push({ kind: 'text', text: format.slice(at) });
  return { clauses };
}

function clauseProblem(whole: string, digits: string | undefined, letter: string | undefined): string | undefined {
  if (whole === '') return 'unexpected end of string';
  const parsing = 'could not parse formatting clause: ';
  if (letter === undefined) return `${parsing}error while parsing precision: could not find end of precision specifier`;
  if (digits === '' || Number(digits ?? 0) > largestPrecision)
    return `${parsing}error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing ${goQuote(digits!)}: invalid syntax`;
  return 'bdefosxX'.includes(letter) ? undefined : `${parsing}unrecognized formatting clause "${letter}"`;
}

/** What is told where a clause is given a value of a type that it is not for. */
export function clauseError(kind: Placeholder['kind'], type: string): string {
  return `error during formatting: ${rules[kind]}, was given ${type}`;
}

const hexRule = 'only integers, byte buffers, and strings can be formatted as hex';
const rules: Readonly<Record<Placeholder['kind'], string>> = {
  b: 'only integers and bools can be formatted as binary',
  d: 'decimal clause can only be used on integers',
  e: 'scientific clause can only be used on doubles',
  f: 'fixed-point clause can only be used on doubles',
  o: 'octal clause can only be used on integers',
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  x: hexRule,
  X: hexRule,
};

/** To write a number to the last digit takes as long as so many letters. */
const lettersOfNumber = 5000;

/** `'%s-%d'.format([a, b])`. */
export function formatText(format: string, list: List): string | CelError {
  const values = itemsOf(list);
  const { clauses, problem } = clausesOf(format);
  let text = '';
  let index = 0;
  for (const clause of clauses) {
    if (clause.kind === 'text') {
      text += clause.text;
      continue;
    }
    if (index >= values.length) return new CelError(`index ${index} out of range`);
    const value = values[index++]!;
    const shown = formatted(clause, value);
    if (shown === undefined) return new CelError(clauseError(clause.kind, typeOf(value).name));
    spendLetters(shown.length);
    text += shown;
  }
  if (problem === undefined) return text;
  return new CelError(index >= values.length ? `index ${index} out of range` : problem);
}

function formatted({ kind, precision }: Placeholder, value: Value): string | undefined {
  switch (kind) {
    case 's':
      return plainText(value);
    case 'd':
      return integerOf(value)?.toString();
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : integerOf(value)?.toString(2);
    case 'o':
      return integerOf(value)?.toString(8);
    case 'x':
      return hexText(value);
    case 'X':
      return hexText(value)?.toUpperCase();
    case 'f':
      return fixedText(numberOf(value), precision);
    default:
      return scientificText(numberOf(value));
  }
}

function integerOf(value: Value): Int | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof Uint ? value.value : undefined;
}

function numberOf(value: Value): number | undefined {
  if (value instanceof Double) return value.value;
  if (value === 'NaN') return Number.NaN;
  return value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : undefined;
}

function hexText(value: Value): string | undefined {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  if (bytes instanceof Uint8Array) spendItems(bytes.length);
  if (bytes instanceof Uint8Array) return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return integerOf(value)?.toString(16);
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? '∞' : '-∞';
}

/** With commas between thousands, as in English. */
function fixedText(value: number | undefined, precision: number): string | undefined {
  if (value === undefined || special(value) !== undefined) return value === undefined ? value : special(value);
  const text = exactDecimal(Math.abs(value), precision);
  const [whole = '', fraction] = text.split('.');
  const first = whole.length % 3 || 3;
  const grouped = whole.slice(0, first) + whole.slice(first).replace(/\d{3}/g, ',$&');
  return `${value < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** The number to so many digits: halves go to the even digit, as the number is exactly. */
function exactDecimal(value: number, precision: number): string {
  spendLetters(lettersOfNumber);
  const [mantissa, exponent] = parts(value);
  const scaled = mantissa * 10n ** BigInt(precision);
  const whole = exponent >= 0 ? scaled << BigInt(exponent) : rounded(scaled, BigInt(-exponent));
  const digits = String(whole).padStart(precision + 1, '0');
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

function rounded(value: bigint, bits: bigint): bigint {
  const unit = 1n << bits;
  const rest = (value % unit) * 2n;
  const floor = value / unit;
  return rest > unit || (rest === unit && floor % 2n === 1n) ? floor + 1n : floor;
}

/** The number as an integer times a power of two. */
function parts(value: number): readonly [mantissa: bigint, exponent: number] {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const all = bits.getBigUint64(0);
  const exponent = Number((all >> 52n) & 0x7ffn);
  const fraction = all & ((1n << 52n) - 1n);
  return exponent === 0 ? [fraction, -1074] : [fraction | (1n << 52n), exponent - 1075];
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Six digits behind the point, whatever the format says, and the power of ten as letters. */
function scientificText(value: number | undefined): string | undefined {
  if (value === undefined || special(value) !== undefined) return value === undefined ? value : special(value);
  const [digits = '', power = ''] = value.toExponential(defaultPrecision).split('e');
  const sign = power.startsWith('-') ? '⁻' : '';
  const raised = power
    .slice(1)
    .padStart(2, '0')
    .replace(/\d/g, (digit) => superscripts[Number(digit)]!);
  return `${digits}×10${sign}${raised}`;
}

function plainText(value: Value): string | undefined {
  if (isList(value) || isMap(value)) return partText(value);
  if (typeof value === 'string') return value;
  if (value instanceof Double) return doubleText(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Type) return value.name;
  return typeof value === 'object' && value !== null ? undefined : String(value);
}

/** A value within a list or map, as an expression would have it. */
function partText(value: Value): string | undefined {
  spendItems(4);
  if (isList(value)) return joined('[', itemsOf(value).map(partText), ']');
  if (isMap(value)) return mapText(value);
  if (value instanceof Double) {
    const { value: number } = value;
    if (Number.isNaN(number)) return '"NaN"';
    return Number.isFinite(number)
      ? `${number < 0 ? '-' : ''}${exactDecimal(Math.abs(number), defaultPrecision)}`
      : number > 0
        ? '"+Inf"'
        : '"-Inf"';
  }
  const text = plainText(value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Uint8Array) return `b${quoted(text!)}`;
  if (value instanceof Timestamp) return `timestamp("${text}")`;
  return value instanceof Duration ? `duration("${text}")` : text;
}

function mapText(map: AnyMap): string | undefined {
  const entries = keysOf(map).map((key) => {
    const value = partText(valueAt(map, key)!);
    return value === undefined ? undefined : ([partText(key)!, value] as const);
  });
  if (entries.includes(undefined)) return undefined;
  const sorted = entries.map((entry) => entry!).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return joined(
    '{',
    sorted.map(([key, value]) => `${key}:${value}`),
    '}',
  );
}

function joined(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(', ')}${close}`;
}
