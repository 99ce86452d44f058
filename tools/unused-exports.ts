import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSources } from './import-map/sources.ts';

/** What a file offers, and what it takes of others, by their paths. */
interface Traffic {
  readonly values: ReadonlySet<string>;
  /** Those that the file itself does not use; one that it uses is part of what its other exports take and answer. */
  readonly lostTypes: ReadonlySet<string>;
  /** Names by file; `*` stands for whatever there is. */
  readonly imports: readonly { readonly from: string; readonly name: string }[];
}

/** Written by `npm run generate` for whoever may need it; and what writes TypeScript, which holds exports in texts. */
const exempt = /^(src\/api\/(resources|.+\/types)\.ts|tools\/(generate|descriptions)[./].*)$/;

const value = /^export\s+(?:abstract\s+)?(?:async\s+)?(?:const|let|class|function\*?)\s+(\w+)/gm;
const type = /^export\s+(?:interface|type)\s+(\w+)/gm;
/** `export { a, b as c }`, with or without `from`. */
const list = /^export\s+(?:type\s+)?\{([^}]*)\}(?:\s*from\s*(['"])([^'"\n]+)\2)?/gm;
const all = /^export\s+(?:type\s+)?\*\s*(?:as\s+\w+\s+)?from\s*(['"])([^'"\n]+)\1/gm;
const statement = /^\s*import\s+(?:type\s+)?(\*\s*as\s+\w+|(?:\w+\s*,\s*)?\{[^}]*\})\s*from\s*(['"])([^'"\n]+)\2/gm;
const dynamic = /\bimport\s*\(\s*(['"])([^'"\n]+)\1/g;

/** Exports that no other file imports, as sentences that begin with the file. */
export function unusedExports(sources: ReadonlyMap<string, string>): string[] {
  const traffic = new Map<string, Traffic>();
  for (const [path, text] of sources) if (/\.tsx?$/.test(path)) traffic.set(path, trafficOf(path, text));
  const used = new Map<string, Set<string>>();
  for (const { imports } of traffic.values())
    for (const { from, name } of imports) used.set(from, (used.get(from) ?? new Set()).add(name));
  const errors: string[] = [];
  for (const [path, { values, lostTypes }] of traffic) {
    const names = used.get(path) ?? new Set();
    if (exempt.test(path) || names.has('*')) continue;
    const unused = (all: ReadonlySet<string>) => [...all].filter((name) => !names.has(name));
    for (const name of unused(values)) errors.push(`${path}: "${name}" is exported, and nobody imports it`);
    for (const name of unused(lostTypes)) errors.push(`${path}: "${name}" is exported, and nobody imports or uses it`);
  }
  return errors;
}

function trafficOf(path: string, text: string): Traffic {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const values = new Set(Array.from(code.matchAll(value), ([, name]) => name!));
  const types = Array.from(code.matchAll(type), ([, name]) => name!);
  const lostTypes = new Set(types.filter((name) => code.match(new RegExp(`\\b${name}\\b`, 'g'))!.length === 1));
  const imports: { from: string; name: string }[] = [];
  const take = (specifier: string, names: readonly string[]) => {
    if (!specifier.startsWith('.')) return;
    const from = posix.join(posix.dirname(path), specifier);
    for (const name of names) imports.push({ from, name });
  };
  for (const [, names = '', , specifier] of code.matchAll(list)) {
    for (const { alias } of namesIn(names)) values.add(alias);
    if (specifier !== undefined)
      take(
        specifier,
        namesIn(names).map(({ name }) => name),
      );
  }
  for (const [, , specifier = ''] of code.matchAll(all)) take(specifier, ['*']);
  for (const [, what = '', , specifier = ''] of code.matchAll(statement)) {
    const names = /\{([^}]*)\}/.exec(what)?.[1];
    take(specifier, names === undefined ? ['*'] : namesIn(names).map(({ name }) => name));
  }
  for (const [, , specifier = ''] of code.matchAll(dynamic)) take(specifier, ['*']);
  return { values, lostTypes, imports };
}

/** Of `a, type b, c as d`. */
function namesIn(text: string): { name: string; alias: string }[] {
  return text
    .split(',')
    .map((part) => part.trim().replace(/^type\s+/, ''))
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', alias = name] = part.split(/\s+as\s+/);
      return { name, alias };
    });
}

if (import.meta.main) {
  const errors = unusedExports(readSources(fileURLToPath(new URL('..', import.meta.url))));
  for (const error of errors) console.error(error);
  process.exitCode = errors.length === 0 ? 0 : 1;
}
