import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  opaqueType,
  parameterType,
  stringType,
  timestampType,
  typeType,
  uintType,
  type Type,
} from '../type.ts';

/** Parameters of signatures, and what is made of them. */
export const A = parameterType('A');
export const B = parameterType('B');
export const listOfA = listType(A);
export const mapOfAToB = mapType(A, B);

/** The types that any expression can name. */
export const standardTypes: ReadonlyMap<string, Type> = new Map(
  [
    boolType,
    bytesType,
    doubleType,
    durationType,
    intType,
    listType(dynType),
    mapType(dynType, dynType),
    nullType,
    stringType,
    timestampType,
    typeType,
    uintType,
    opaqueType('net.IP'),
    opaqueType('net.CIDR'),
    opaqueType('optional_type'),
  ].map((type) => [type.name, type]),
);
