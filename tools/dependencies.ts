import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageUse, type PackageUse } from './import-map/check.ts';
import { readSources } from './import-map/sources.ts';

/** The parts of package.json that are checked. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A row of docs/dependencies.md: the folders of `src` that use a package; none for tools. */
type Listed = ReadonlyMap<string, readonly string[]>;

/** Breaches of docs/dependencies.md: each package is listed with a reason, and used only where the list says. */
export function dependencyErrors(manifest: Manifest, use: PackageUse, document: string): string[] {
  const listed = listedPackages(document);
  const runtime = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const all = Object.keys({ ...runtime, ...manifest.devDependencies });
  const errors: string[] = [];
  for (const name of all)
    if (!listed.has(name)) errors.push(`${name} is not in docs/dependencies.md: add a line that says why it is needed`);
  for (const name of listed.keys())
    if (!all.includes(name)) errors.push(`${name} is in docs/dependencies.md and not in package.json`);
  for (const [name, folders] of use) {
    if (!(name in runtime))
      errors.push(`${name} is imported by src/${[...folders].join(', src/')} and is no runtime dependency`);
    const allowed = listed.get(name) ?? [];
    const others = [...folders].filter((folder) => !allowed.includes(folder));
    if (others.length > 0)
      errors.push(`${name} is imported by src/${others.join(', src/')}: docs/dependencies.md does not say so`);
  }
  for (const [name, folders] of listed) {
    const unused = folders.filter((folder) => !use.get(name)?.has(folder));
    if (unused.length > 0)
      errors.push(`${name} is not imported by src/${unused.join(', src/')}: docs/dependencies.md says so`);
  }
  return errors;
}

/** Rows look like: | `name` | `folder`, `folder` | reason | */
function listedPackages(document: string): Listed {
  const rows = [...document.matchAll(/^\| `([^`]+)` \|([^|]*)\|([^|]*)\|$/gm)];
  return new Map(
    rows
      .filter(([, , , reason]) => reason!.trim() !== '')
      .map(([, name, folders]) => [name!, [...folders!.matchAll(/`([^`]+)`/g)].map(([, folder]) => folder!)]),
  );
}

if (import.meta.main) {
  const root = new URL('..', import.meta.url);
  const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
  const manifest: Manifest = JSON.parse(read('package.json'));
  const use = packageUse(readSources(fileURLToPath(root)));
  const errors = dependencyErrors(manifest, use, read('docs/dependencies.md'));
  for (const error of errors) console.error(error);
  process.exitCode = errors.length === 0 ? 0 : 1;
}
