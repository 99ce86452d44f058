import type { Location } from './routes.ts';

/** A path without its last slash: for `Prefix` both are the same. The root is empty. */
export function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Whether a location takes the path; patterns are nginx's to decide and are not asked for here. */
export function takes({ match, path }: Pick<Location, 'match' | 'path'>, asked: string): boolean {
  if (match === 'exact') return asked === path;
  const prefix = withoutSlash(path);
  return asked === prefix || asked.startsWith(`${prefix}/`);
}

/** Which is tried first: exact paths, then the longest. */
export function byPrecedence(a: Pick<Location, 'match' | 'path'>, b: Pick<Location, 'match' | 'path'>): number {
  const exactFirst = Number(b.match === 'exact') - Number(a.match === 'exact');
  if (exactFirst !== 0) return exactFirst;
  return b.path.length - a.path.length || (a.path < b.path ? -1 : Number(a.path > b.path));
}

/** What nginx can be told of a path: no control characters, and no more than it can hold in a line. */
export function isPath(path: string): boolean {
  return /^\/[^\x00-\x1f\x7f]*$/.test(path) && path.length <= 2000;
}

/** The text as a regular expression that matches nothing else. */
export function escaped(text: string): string {
  return text.replace(/[.()[\]{}*+?|^$\\]/g, '\\$&');
}
