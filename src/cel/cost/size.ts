import { isList, listSize } from '../values/list.ts';
import { isMap, mapSize } from '../values/map.ts';
import { CelObject, Optional, textLength, type Value } from '../values/value.ts';

/** Values of libraries that have a size of their own. */
export interface Sized {
  readonly costSize: number;
}

/** What the cost of an operation on the value depends on: letters, bytes, items or entries; 1 for all else. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return textLength(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (isList(value)) return listSize(value);
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Optional) return value.value === undefined ? 1 : sizeOf(value.value);
  if (isMap(value)) return mapSize(value);
  return value instanceof CelObject && 'costSize' in value ? (value as CelObject & Sized).costSize : 1;
}
