import { RawNumber } from '../../apimachinery/raw-number.ts';
import type { Declaration } from '../declaration.ts';
import { decodeBase64 } from './base64.ts';
import { spendLetters } from './effort.ts';
import { parseOpenApiDuration, parseOpenApiTime } from './open-api-time.ts';
import {
  CelError,
  CelObject,
  DeclaredList,
  DeclaredMap,
  Double,
  fromJson,
  none,
  Optional,
  type JsonObject,
  type Value,
} from './value.ts';

/** What a JSON value is as its schema has it. Lists and objects are read when somebody looks into them. */
export function fromDeclared(json: unknown, declaration: Declaration): Value {
  if (declaration.value) return json === undefined ? none : new Optional(fromDeclared(json, declaration.value));
  if (declaration.isPlain || json === null || json instanceof CelObject) return fromJson(json);
  switch (declaration.type.kind) {
    case 'list':
      return Array.isArray(json)
        ? new DeclaredList(json, declaration)
        : notOf('an array for the provided schema with type=array');
    case 'map':
    case 'struct':
      return isObject(json)
        ? new DeclaredMap(json, declaration)
        : notOf('a map for the provided schema with type=object');
    case 'double':
      if (typeof json === 'number') return new Double(json);
      return json instanceof RawNumber ? new Double(json.valueOf()) : notOf('float');
    case 'timestamp':
    case 'duration':
    case 'bytes':
      return typeof json === 'string' ? read(json, declaration) : notOf('string');
    default:
      return fromJson(json);
  }
}

/** To read a text as something else takes as long as to go through it so often; it is done anew for each look at it. */
const timesThrough = { bytes: 2, others: 16 };

function read(text: string, { type: { kind }, format }: Declaration): Value {
  spendLetters(text.length * (kind === 'bytes' ? timesThrough.bytes : timesThrough.others));
  if (kind === 'timestamp') return parseOpenApiTime(text, format);
  return kind === 'duration' ? parseOpenApiDuration(text) : (decodeBase64(text, 'url') ?? notOf('string'));
}

function notOf(expected: string): CelError {
  return new CelError(`invalid data, expected ${expected}`);
}

function isObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
