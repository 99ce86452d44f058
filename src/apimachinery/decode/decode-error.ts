import { jsonTypeName } from '../patch/json-value.ts';
import { shortened } from '../go-text.ts';
import { RawNumber } from '../raw-number.ts';
import type { Structure } from '../structure.ts';
import { embeddedOnTheWay } from './embedded-structs.ts';

/** A body that cannot be read as the wanted type; the message is worded as Go's decoder words it. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Names of members, and positions in lists, from the top of a document. */
export type Path = readonly (string | number)[];

/** `spec.containers[0].image`. */
function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** The same, shortened to `most` letters: a key may be as long as a body, and many members below it may be odd. */
export function shortPathText(path: Path, most: number): string {
  const begin: Path[number][] = [];
  // Before the first part stands no dot.
  let letters = -1;
  for (const part of path) {
    const isName = typeof part === 'string';
    if (letters <= most) begin.push(isName ? part.slice(0, most + 1) : part);
    letters += isName ? 1 + part.length : String(part).length + 2;
  }
  return shortened(pathText(begin), most, letters);
}

/** Says that a value is not of the wanted type; each way to read has its own words for it. */
export type Complaint = (value: unknown, path: Path, root: Structure, type: Structure) => DecodeError;

/** Go types of members, where their structure does not tell them. */
const namedTypes: Readonly<Record<string, string>> = {
  enum: '[]v1.JSON',
  'x-kubernetes-validations': 'v1.ValidationRules',
};

/** Of JSON text: `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`. */
export function wrongType(value: unknown, path: Path, root: Structure, type: Structure): DecodeError {
  const isNumeric = type.kind === 'int32' || type.kind === 'int64' || type.kind === 'number';
  const found = isNumeric ? shown(value) : jsonTypeName(value);
  const where = structField(path, root);
  const wanted = (where !== undefined && namedTypes[where.slice(where.lastIndexOf('.') + 1)]) || goType(type);
  const into = where === undefined ? `Go value of type ${wanted}` : `Go struct field ${where} of type ${wanted}`;
  return new DecodeError(`json: cannot unmarshal ${found} into ${into}`);
}

/** Of a value that is parsed already, as a strategic merge patch leaves it: `unrecognized type: int32`. */
export function notConvertible(value: unknown, _path: Path, _root: Structure, type: Structure): DecodeError {
  const kind = goKind(value);
  switch (type.kind) {
    case 'object':
      return new DecodeError(`cannot restore struct from: ${kind}`);
    case 'map':
      return new DecodeError(`cannot restore map from ${kind}`);
    case 'list':
    case 'bytes':
      return new DecodeError(`cannot restore slice from ${kind}`);
    default: {
      // Go has a conversion from integers to texts, and from fractions to integers, which is not wanted here.
      const isNumber = kind === 'int64' || kind === 'float64';
      const isNear = type.kind === 'string' ? kind === 'int64' : isNumber && type.kind !== 'boolean';
      return new DecodeError(
        isNear ? `cannot convert ${kind} to ${goType(type)}` : `unrecognized type: ${goType(type)}`,
      );
    }
  }
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (value instanceof RawNumber) return value.integer === undefined ? 'float64' : 'int64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map';
}

/** What Go calls the value where a number is wanted: those that do not fit are named. */
export function shown(value: unknown): string {
  const isOdd = value instanceof RawNumber || (typeof value === 'number' && (value | 0) !== value);
  return isOdd ? `number ${value}` : jsonTypeName(value);
}

/**
 * The innermost struct that the path goes through, and all members of structs on the way, with the structs that are
 * embedded there; Go leaves out keys of maps and positions.
 */
function structField(path: Path, root: Structure): string | undefined {
  let at: Structure | undefined = root;
  let struct: string | undefined;
  const members: string[] = [];
  for (const part of path) {
    if (at?.kind === 'object' && typeof part === 'string') {
      struct = at.name;
      members.push(...embeddedOnTheWay(at.name, part), part);
      at = at.members.get(part)?.type;
    } else if (at?.kind === 'list' || at?.kind === 'map') {
      at = at.element;
    } else {
      at = undefined;
    }
  }
  return struct === undefined ? undefined : `${struct}.${members.join('.')}`;
}

function goType(type: Structure): string {
  switch (type.kind) {
    case 'object':
      return `v1.${type.name}`;
    case 'list':
      return `[]${goType(type.element)}`;
    case 'map':
      return type.element.kind === 'quantity' ? 'v1.ResourceList' : `map[string]${goType(type.element)}`;
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'bytes':
      return '[]uint8';
    case 'quantity':
      return 'resource.Quantity';
    case 'time':
      return 'v1.Time';
    case 'micro-time':
      return 'v1.MicroTime';
    case 'int-or-string':
      return 'intstr.IntOrString';
    case 'any':
      return 'runtime.RawExtension';
    default:
      return type.kind;
  }
}
