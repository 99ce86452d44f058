import { RawNumber } from './raw-number.ts';

/** A deep copy of a JSON value, several times faster than `structuredClone`. The copy is not frozen. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return cloneList(value) as T;
  if (value instanceof RawNumber) return value;
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    const member = value[key];
    const cloned = typeof member === 'object' ? cloneJson(member) : member;
    // Plain assignment to this name would set the prototype.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: cloned, ...ordinary });
    else copy[key] = cloned;
  }
  return copy as T;
}

const ordinary = { enumerable: true, configurable: true, writable: true };

function cloneList(list: readonly unknown[]): unknown[] {
  const copy = new Array<unknown>(list.length);
  for (let i = 0; i < list.length; i++) copy[i] = cloneJson(list[i]);
  return copy;
}
