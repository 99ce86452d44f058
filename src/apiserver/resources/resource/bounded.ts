import { duplicate, tooMany } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';

/** Complains about one item, at its own place. */
export type CheckItem<T> = (errors: Errors, item: T, field: string) => void;

/** Each item of a list; of one that is too long only that is said. */
export function checkItems<T>(
  errors: Errors,
  items: readonly T[] | null | undefined,
  field: string,
  most: number,
  check: CheckItem<T>,
): void {
  if (!items) return;
  if (items.length > most) return void errors.push(tooMany(field, items.length, most));
  items.forEach((item, i) => check(errors, item, `${field}[${i}]`));
}

/** The same, and no key twice. Keys that are objects are compared by their JSON. */
export function checkSet<T>(
  errors: Errors,
  items: readonly T[] | null | undefined,
  field: string,
  most: number,
  keyOf: (item: T) => unknown,
  check: CheckItem<T>,
): void {
  checkItems(errors, items, field, most, check);
  if (!items || items.length > most) return;
  const seen = new Set<string>();
  items.forEach((item, i) => {
    const key = keyOf(item);
    const text = JSON.stringify(key);
    if (seen.has(text)) errors.push(duplicate(`${field}[${i}]`, key));
    seen.add(text);
  });
}

/** Keys of a map, told at the map, and its values, told at `field[key]`; a key that is too long is shortened there. */
export function checkEntries<T>(
  errors: Errors,
  map: Readonly<Record<string, T>> | undefined,
  field: string,
  bounds: { readonly most?: number; readonly longestKey: number },
  checkKey: CheckItem<string>,
  check: CheckItem<T>,
): void {
  const keys = Object.keys(map ?? {}).sort();
  const { most = Infinity, longestKey } = bounds;
  if (keys.length > most) return void errors.push(tooMany(field, keys.length, most));
  for (const key of keys) {
    checkKey(errors, key, field);
    check(errors, map![key]!, `${field}[${shortened(key, longestKey)}]`);
  }
}

const dots = '...';

function shortened(key: string, longest: number): string {
  if (key.length <= longest) return key;
  const kept = longest - dots.length;
  return key.slice(0, Math.floor((kept + 1) / 2)) + dots + key.slice(key.length - Math.floor(kept / 2));
}
