import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

/** One import of a source file, as it stands there. */
export interface Import {
  readonly specifier: string;
  /** Erased at load: it cannot make a cycle. */
  readonly typeOnly: boolean;
}

/** `import 'x'`, `import … from 'x'`, `export … from 'x'`; what stands between can hold no string and no semicolon. */
const statement =
  /^[ \t]*(?:import|export(?=\s*(?:type\s*)?[{*]))\s*(type\b(?!\s*(?:,|from)))?\s*(?:([\w$*{},\s]*?)\bfrom\s*)?(['"])([^'"\n]+)\3/gm;
const dynamic = /\bimport\s*\(\s*(['"])([^'"\n]+)\1/g;

/** All imports and re-exports of a TypeScript text, static and dynamic. */
export function importsOf(text: string): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const [, type, names = '', , specifier] of code.matchAll(statement)) {
    found.push({ specifier: specifier!, typeOnly: type !== undefined || onlyTypes(names) });
  }
  for (const [, , specifier] of code.matchAll(dynamic)) found.push({ specifier: specifier!, typeOnly: false });
  return found;
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const inner = /^\{(.*)\}$/s.exec(names.trim())?.[1];
  if (inner === undefined) return false;
  const parts = inner.split(',').map((part) => part.trim());
  return parts.every((part) => part === '' || part.startsWith('type ')) && parts.some((part) => part !== '');
}

/** Comments may speak of imports. Line comments are taken only where they start a line, as strings may hold `//`. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'package'; readonly name: string };

/** What a specifier means in the file at `from`, a path from the root of the repository. */
export function targetOf(specifier: string, from: string): Target {
  if (specifier.startsWith('.')) return { kind: 'file', path: posix.join(posix.dirname(from), specifier) };
  if (isBuiltin(specifier)) return { kind: 'node', name: specifier };
  const [scopeOrName = '', name] = specifier.split('/');
  return { kind: 'package', name: scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName };
}
