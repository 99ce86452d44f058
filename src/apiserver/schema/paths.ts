import { extendedPath } from '../../apimachinery/go-text.ts';

/** Paths of fields as messages write them; the empty one is no field at all. */
export function child(path: string, ...names: readonly string[]): string {
  const below = names.join('.');
  return extendedPath(path, path === '' ? below : `.${below}`);
}

export function key(path: string, name: string): string {
  return extendedPath(path, `[${name}]`);
}

export function index(path: string, at: number): string {
  return extendedPath(path, `[${at}]`);
}

/** What stands for the path of an error that has none. */
export const noPath = '<nil>';
