import { posix } from 'node:path';
import { importsOf, targetOf, type Target } from './imports.ts';
import { apart, filesApart, folders, testFolders } from './map.ts';

/** The text of each source file by its path from the root of the repository. */
export type Sources = ReadonlyMap<string, string>;

/** Which npm packages each folder of `src` uses outside tests. */
export type PackageUse = ReadonlyMap<string, ReadonlySet<string>>;

/** Every breach of the import map, as a sentence that begins with the file. */
export function importMapErrors(sources: Sources): string[] {
  const errors: string[] = [];
  for (const [path, text] of sources) {
    const place = placeError(path);
    if (place !== undefined) errors.push(`${path}: ${place}`);
    if (!isCode(path)) continue;
    for (const { specifier } of importsOf(text)) {
      const target = targetOf(specifier, path);
      const error = place === undefined ? importError(path, target, sources) : undefined;
      if (error !== undefined) errors.push(`${path}: imports ${specifier}: ${error}`);
    }
  }
  return [...errors, ...cycleErrors(sources)];
}

/** What the production files of each folder take from npm. */
export function packageUse(sources: Sources): PackageUse {
  const use = new Map<string, Set<string>>();
  for (const [path, text] of sources) {
    const folder = folderOf(path);
    if (folder === undefined || isTest(path) || !isCode(path)) continue;
    for (const { specifier } of importsOf(text)) {
      const target = targetOf(specifier, path);
      if (target.kind === 'package') use.set(target.name, (use.get(target.name) ?? new Set()).add(folder));
    }
  }
  return use;
}

function placeError(path: string): string | undefined {
  const [top, folder = ''] = path.split('/');
  const isInside = path.split('/').length > 2;
  if (top === 'src' && !(isInside && folder in folders))
    return 'is not on the map: add its folder to tools/import-map/map.ts';
  if (top === 'test' && !(isInside && testFolders.includes(folder))) {
    return `is not on the map: test holds ${testFolders.join(', ')}`;
  }
  return undefined;
}

function importError(path: string, target: Target, sources: Sources): string | undefined {
  const folder = folderOf(path);
  if (folder === undefined) return undefined;
  const rules = folders[folder]!;
  if (target.kind === 'node') {
    const mayUseNode = rules.node === 'anywhere' || isTest(path) || path.split('/').includes('node');
    return mayUseNode ? undefined : `src/${folder} uses Node's modules only under a node/ folder`;
  }
  if (target.kind === 'package') return undefined;
  const other = folderOf(target.path);
  if (other === undefined) {
    const isData = target.path.startsWith('facts/') && target.path.endsWith('.json');
    return isData || (isTest(path) && target.path.startsWith('test/')) ? undefined : 'it is outside src';
  }
  if (other !== folder && !rules.imports.includes(other)) {
    return `src/${folder} may import only ${rules.imports.join(', ') || 'itself'}`;
  }
  return apartError(path, target.path, sources);
}

/** Siblings that must not see each other. */
function apartError(from: string, to: string, sources: Sources): string | undefined {
  for (const parent of apart) {
    const [a, b] = [from, to].map((path) => childOf(parent, path));
    if (a?.includes('/') && b?.includes('/') && a.split('/')[0] !== b.split('/')[0]) {
      return `the folders of src/${parent} do not see each other`;
    }
  }
  for (const { folder, mark, name } of filesApart) {
    const both = [from, to].map((path) => childOf(folder, path) !== undefined && mark.test(sources.get(path) ?? ''));
    if (!both.includes(false)) return `${name} do not see each other`;
  }
  return undefined;
}

function childOf(parent: string, path: string): string | undefined {
  const prefix = `src/${parent}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

/** Files that load each other in a circle; imports of types alone do not load. */
function cycleErrors(sources: Sources): string[] {
  const graph = new Map<string, string[]>();
  for (const [path, text] of sources) {
    if (!isCode(path)) continue;
    const targets = importsOf(text)
      .filter(({ typeOnly }) => !typeOnly)
      .map(({ specifier }) => targetOf(specifier, path))
      .flatMap((target) => (target.kind === 'file' && sources.has(target.path) ? [target.path] : []));
    graph.set(path, targets);
  }
  const errors: string[] = [];
  const done = new Set<string>();
  for (const start of graph.keys()) findCycles(start, graph, done, [], errors);
  return errors;
}

function findCycles(
  path: string,
  graph: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
  trail: string[],
  errors: string[],
): void {
  const at = trail.indexOf(path);
  if (at >= 0) {
    errors.push(`${path}: is in a circle of imports: ${[...trail.slice(at), path].map(posix.normalize).join(' → ')}`);
    return;
  }
  if (done.has(path)) return;
  trail.push(path);
  for (const next of graph.get(path) ?? []) findCycles(next, graph, done, trail, errors);
  trail.pop();
  done.add(path);
}

function isCode(path: string): boolean {
  return /\.tsx?$/.test(path);
}

function folderOf(path: string): string | undefined {
  const [top, folder] = path.split('/');
  return top === 'src' && folder !== undefined && folder in folders ? folder : undefined;
}

/** Tests, contract suites that tests call, and what only tests use. */
function isTest(path: string): boolean {
  const folders = path.split('/');
  return /(\.test|\/contract)\.ts$/.test(path) || folders.includes('testing') || folders.includes('contract');
}
