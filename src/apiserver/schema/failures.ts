import { goQuote } from '../../apimachinery/go-text.ts';
import { RawNumber } from '../../apimachinery/raw-number.ts';
import {
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
  type FieldError,
} from '../../apimachinery/validation.ts';
import { goFloat } from './go-float.ts';
import { child, noPath } from './paths.ts';
import type { Failure } from './result.ts';

/** Failures in the words of Kubernetes. `name` is the path of a value below what is checked as a whole. */

function at(root: string, name: string): string {
  const path = name === '' || name === '.' ? root : child(root, name.startsWith('.') ? name.slice(1) : name);
  return path === '' ? noPath : path;
}

function about(name: string, rest: string, error: (path: string, text: string) => FieldError): Failure {
  const text = `${name} in body ${rest}`;
  return { text, error: (root) => error(at(root, name), text) };
}

/** What has no value that it could be told of. */
export function plainFailure(text: string): Failure {
  return { text, error: (root) => invalid(root === '' ? noPath : root, '', text) };
}

/** `found` is a type, or the text that does not have the format. */
export function wrongType(name: string, wanted: string, found: string): Failure {
  return about(name, `must be of type ${wanted}: ${goQuote(found)}`, (path, text) => typeInvalid(path, found, text));
}

export function missing(name: string): Failure {
  return about(name, 'is required', (path) => required(path));
}

/** `list` tells one enum from others. */
export function notInEnum(name: string, value: unknown, supported: readonly string[], list: string): Failure {
  const text = `${name} in body should be one of ${list}`;
  return { text, error: (root) => notSupported(at(root, name), value, supported) };
}

export function longerThan(name: string, most: number): Failure {
  return about(name, `should be at most ${most} chars long`, (path) => tooLong(path, most));
}

export function moreItemsThan(name: string, most: number, count: number): Failure {
  return about(name, `should have at most ${most} items`, (path) => tooMany(path, count, most));
}

export function morePropertiesThan(name: string, most: number, count: number): Failure {
  return about(name, `should have at most ${most} properties`, (path) => tooMany(path, count, most));
}

/** `rest` says what the value should be. */
export function unfulfilled(name: string, value: unknown, rest: string): Failure {
  return about(name, rest, (path, text) => invalid(path, shownValue(value), text));
}

/** Fractions are told as Go prints them. */
function shownValue(value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  const text = goFloat(value);
  return text === String(value) ? value : new RawNumber(text);
}
