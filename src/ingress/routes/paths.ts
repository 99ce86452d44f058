import type { Location } from './routes.ts';

/** A path without its last slash: for `Prefix` both are the same. The root is empty. */
export function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Tells which of the locations, in their order, takes a path first; patterns are nginx's to decide and are not asked here. */
export function takers<L extends Pick<Location, 'match' | 'path'>>(
  locations: readonly L[],
): (path: string) => L | undefined {
  const exact = new Map<string, L>();
  const prefixes = new Map<string, L>();
  for (const location of locations) {
    const isExact = location.match === 'exact';
    const [known, path] = isExact ? [exact, location.path] : [prefixes, withoutSlash(location.path)];
    if (!known.has(path)) known.set(path, location);
  }
  return (path) => {
    let found = exact.get(path) ?? prefixes.get(path);
    for (let end = path.length; found === undefined && end > 0;) {
      end = path.lastIndexOf('/', end - 1);
      found = prefixes.get(path.slice(0, Math.max(end, 0)));
    }
    return found;
  };
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
