import { boolType, bytesType, intType, nullType, stringType, Type, typeType } from '../type.ts';
import { anyList, anyMap, CelObject, type Value } from './value.ts';

/** The type of a value, without those of what it holds: `list`, not `list(int)`. */
export function typeOf(value: Value): Type {
  switch (typeof value) {
    case 'string':
      return stringType;
    case 'boolean':
      return boolType;
    case 'number':
    case 'bigint':
      return intType;
    default:
      if (value === null) return nullType;
      if (value instanceof CelObject) return value.type;
      if (Array.isArray(value)) return anyList;
      if (value instanceof Uint8Array) return bytesType;
      return value instanceof Type ? typeType : anyMap;
  }
}
