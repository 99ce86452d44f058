import { RawNumber } from './raw-number.ts';

/**
 * Whether two JSON values are the same. A member that is `undefined` counts as missing; the order of members does not
 * matter.
 */
export function jsonEqual(a: unknown, b: unknown): boolean {
  return equal(a, b, false);
}

/**
 * Whether two JSON values mean the same to Kubernetes: as {@link jsonEqual}, and a list that is empty or null is the
 * same as no list. An empty object is not the same as none: `emptyDir: {}` chooses a kind of volume.
 */
export function semanticEqual(a: unknown, b: unknown): boolean {
  return equal(a, b, true);
}

function equal(a: unknown, b: unknown, lenient: boolean): boolean {
  if (a === b) return true;
  if (lenient && isNothing(a) && isNothing(b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b, lenient);
  if (Array.isArray(b)) return false;
  if (a instanceof RawNumber) return a.equals(b);
  if (b instanceof RawNumber) return false;
  return equalObjects(a as Members, b as Members, lenient);
}

type Members = Record<string, unknown>;

function equalLists(a: readonly unknown[], b: readonly unknown[], lenient: boolean): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i], lenient)) return false;
  return true;
}

function equalObjects(a: Members, b: Members, lenient: boolean): boolean {
  for (const key in a) if (!equal(a[key], member(b, key), lenient)) return false;
  for (const key in b) if (member(a, key) === undefined && !equal(undefined, b[key], lenient)) return false;
  return true;
}

/** JSON holds no functions: one that shows up under a name such as `constructor` is inherited, as is the prototype. */
function member(object: Members, key: string): unknown {
  if (key === '__proto__' && !Object.hasOwn(object, key)) return undefined;
  const value = object[key];
  return typeof value === 'function' ? undefined : value;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
