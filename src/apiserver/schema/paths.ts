import { shortened } from '../../apimachinery/go-text.ts';

/** Paths of fields as messages write them; the empty one is no field at all. */

/**
 * Letters of a path. A key may be as long as a body, and thousands of values below it may be wrong: each would be told, sorted
 * and compared with the whole key.
 */
const longestPath = 2048;

/** The path with more at its end. What is below a path that is too long has the same one. */
export function extended(path: string, more: string): string {
  return path.length > longestPath ? path : shortened(path + more, longestPath);
}

export function child(path: string, ...names: readonly string[]): string {
  const below = names.join('.');
  return extended(path, path === '' ? below : `.${below}`);
}

export function key(path: string, name: string): string {
  return extended(path, `[${name}]`);
}

export function index(path: string, at: number): string {
  return extended(path, `[${at}]`);
}

/** What stands for the path of an error that has none. */
export const noPath = '<nil>';
