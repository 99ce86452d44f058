import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** A package-lock.json of version 3, as far as it is read here. */
export interface Lockfile {
  readonly packages: Record<string, LockedPackage>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/**
 * Adds the platform packages that npm left out because its registry lacks them: without them `npm ci` refuses the
 * lockfile, on every platform. Their names say what they are for, so npm skips them elsewhere. Answers what it added.
 */
export function completeLockfile({ packages }: Lockfile): string[] {
  const added: string[] = [];
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const place = `node_modules/${name}`;
      if (isInstalledFor(path, name, packages) || !/^\d+\.\d+\.\d+/.test(version)) continue;
      packages[place] = { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true };
      added.push(`${name}@${version}`);
    }
  }
  return added;
}

/** A lockfile must not name a registry: whoever installs uses their own. */
export function registriesIn({ packages }: Lockfile): string[] {
  const resolved = Object.values(packages).flatMap((one) => one.resolved ?? []);
  return [...new Set(resolved.filter((url) => /^(git\+)?https?:/.test(url)).map((url) => new URL(url).host))];
}

/** Whether Node would find `name` from the package at `path`. */
function isInstalledFor(path: string, name: string, packages: Lockfile['packages']): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

const systems = ['linux', 'darwin', 'win32', 'freebsd', 'android', 'openharmony', 'aix', 'sunos'];
const processors = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64'];

/** What a name such as `binding-linux-x64-musl` says. */
function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/);
  const os = words.filter((word) => systems.includes(word));
  const cpu = words.filter((word) => processors.includes(word));
  const libc = words.flatMap((word) => (word.startsWith('musl') ? ['musl'] : word.startsWith('gnu') ? ['glibc'] : []));
  if (os.length !== 1) throw new Error(`Cannot tell the platform of "${name}": add it to package-lock.json by hand`);
  return { cpu, os, ...(libc.length > 0 && os[0] === 'linux' ? { libc } : {}) };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const file = new URL('../package-lock.json', import.meta.url);
  const lockfile: Lockfile = JSON.parse(readFileSync(file, 'utf8'));
  const errors = registriesIn(lockfile).map(
    (host) => `package-lock.json names ${host}: install with omit-lockfile-registry-resolved=true`,
  );
  const added = completeLockfile(lockfile);
  if (values.check)
    errors.push(...added.map((name) => `package-lock.json lacks ${name}: run \`node tools/lockfile.ts\``));
  else if (added.length > 0) {
    const sorted = Object.fromEntries(Object.entries(lockfile.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(file, `${JSON.stringify({ ...lockfile, packages: sorted }, undefined, 2)}\n`);
  }
  for (const error of errors) console.error(error);
  process.exitCode = errors.length === 0 ? 0 : 1;
}
