import { readFileSync } from 'node:fs';

/** A lockfile of npm, or what npm notes in `node_modules/.package-lock.json` of what it has installed. */
export interface Lockfile {
  readonly packages?: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  /** Installed only where it fits the machine. */
  readonly optional?: boolean;
}

/** Whether all that the lockfile asks for is installed, in just these versions. */
export function isInstalled(wanted: Lockfile, installed: Lockfile): boolean {
  return Object.entries(wanted.packages ?? {}).every(([folder, { version, integrity, optional }]) => {
    if (folder === '') return true; // the project itself
    const found = installed.packages?.[folder];
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === integrity;
  });
}

if (import.meta.main) {
  const [wanted, installed] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Lockfile);
  process.exitCode = isInstalled(wanted!, installed!) ? 0 : 1;
}
