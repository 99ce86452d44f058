import { goNumber, goQuote } from '../../apimachinery/go-text.ts';
import { Type } from '../type.ts';
import { spendItems, spendLetters } from './effort.ts';
import { isList, itemsOf } from './list.ts';
import { isMap, keysOf, valueAt } from './map.ts';
import { durationText, timestampText } from './time.ts';
import { Double, Duration, Optional, Timestamp, Uint, type Value } from './value.ts';

/** A key or index as messages show it. */
export function shownValue(value: Value): string {
  if (typeof value === 'string') spendLetters(value.length);
  if (value instanceof Double) return goNumber(value.value);
  if (value instanceof Uint) return String(value.value);
  if (typeof value === 'object' && value !== null) return expressionText(value);
  return value === null ? 'null' : String(value);
}

/** A value as an expression that has it. */
export function expressionText(value: Value): string {
  spendItems(1);
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Double) return doubleText(value.value);
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof Timestamp) return `timestamp("${timestampText(value)}")`;
  if (value instanceof Duration) return `duration("${durationText(value)}")`;
  if (value instanceof Type) return value.name;
  if (value instanceof Optional)
    return value.value === undefined ? 'optional.none()' : `optional.of(${expressionText(value.value)})`;
  if (value instanceof Uint8Array) {
    spendItems(value.length);
    return `b"${[...value].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`;
  }
  if (isList(value)) return `[${itemsOf(value).map(expressionText).join(', ')}]`;
  if (!isMap(value)) return String(value);
  const entries = keysOf(value).map((key) => `${expressionText(key)}: ${expressionText(valueAt(value, key)!)}`);
  return `{${entries.join(', ')}}`;
}

/** To quote a letter takes as long as to go through several. */
const lettersOfQuoted = 4;

export function quoted(text: string): string {
  spendLetters(text.length * lettersOfQuoted);
  return goQuote(text);
}

function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `double("${Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'}")`;
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
