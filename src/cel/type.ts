import type { Declaration } from './declaration.ts';

export type Kind =
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'parameter'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'uint';

/** What messages call a type, where that is not its name. */
const shownNames: Partial<Record<Kind, string>> = {
  any: 'any',
  null: 'null',
  duration: 'duration',
  timestamp: 'timestamp',
};

/** A type of the language. Types are values as well: `type(1) == int`. Immutable. */
export class Type {
  readonly kind: Kind;
  /** As `type()` shows it: `int`, `list`, `kubernetes.Quantity`, or the name of a parameter. */
  readonly name: string;
  /** Of a list its element, of a map its key and value, of an opaque type what it is made of. */
  readonly parameters: readonly Type[];
  /** The fields of a struct. */
  readonly declaration: Declaration | undefined;
  /** Types of which it is made, itself among them. */
  readonly size: number;

  constructor(kind: Kind, name: string, parameters: readonly Type[] = [], declaration?: Declaration) {
    this.kind = kind;
    this.name = name;
    this.parameters = parameters;
    this.declaration = declaration;
    this.size = parameters.reduce((sum, parameter) => sum + parameter.size, 1);
  }

  /** As messages show it: `map(string, int)`. */
  toString(): string {
    const name = shownNames[this.kind] ?? this.name;
    return this.parameters.length === 0 ? name : `${name}(${this.parameters.join(', ')})`;
  }

  /** Whether the two are the same to the last parameter. */
  equals(other: Type): boolean {
    if (this === other) return true;
    if (this.kind !== other.kind || this.name !== other.name) return false;
    if (this.parameters.length !== other.parameters.length) return false;
    return this.parameters.every((parameter, at) => parameter.equals(other.parameters[at]!));
  }
}

/** What is not known beforehand and is no list or map: it cannot be gone over. */
export const anyType = new Type('any', 'google.protobuf.Any');
export const boolType = new Type('bool', 'bool');
export const bytesType = new Type('bytes', 'bytes');
export const doubleType = new Type('double', 'double');
export const durationType = new Type('duration', 'google.protobuf.Duration');
export const dynType = new Type('dyn', 'dyn');
export const errorType = new Type('error', '!error!');
export const intType = new Type('int', 'int');
export const nullType = new Type('null', 'null_type');
export const stringType = new Type('string', 'string');
export const timestampType = new Type('timestamp', 'google.protobuf.Timestamp');
export const typeType = new Type('type', 'type');
export const uintType = new Type('uint', 'uint');

export function listType(element: Type): Type {
  return new Type('list', 'list', [element]);
}

export function mapType(key: Type, value: Type): Type {
  return new Type('map', 'map', [key, value]);
}

/** An object whose fields, if any, `declaration` tells. */
export function structType(name: string, declaration?: Declaration): Type {
  return new Type('struct', name, [], declaration);
}

/** A type of which only the name and its functions are known; `parameters` as in `optional_type(int)`. */
export function opaqueType(name: string, ...parameters: readonly Type[]): Type {
  return new Type('opaque', name, parameters);
}

export function optionalType(value: Type): Type {
  return opaqueType('optional_type', value);
}

/** What stands for any type in the signature of a function. */
export function parameterType(name: string): Type {
  return new Type('parameter', name);
}

/** The type of a type: that of `int` is `type(int)`. */
export function typeOfType(type: Type): Type {
  return new Type('type', 'type', [type]);
}

export function isOptional(type: Type): boolean {
  return type.kind === 'opaque' && type.name === 'optional_type';
}

/** The type of the value that an optional holds; any other type as it is. */
export function withoutOptional(type: Type): Type {
  return isOptional(type) ? type.parameters[0]! : type;
}
