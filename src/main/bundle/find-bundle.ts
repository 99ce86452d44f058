import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The file of a bundle that names its others: JSON, the SHA-256 of each by its name. */
export const contentsFile = 'contents.json';

/** The file of a bundle that is run: the command line, as of `src/main/cli.ts`. */
export const entryFile = 'cli.mjs';

/** Where the bundles of a checkout are kept, each in a folder named by the {@link bundleKey} of its sources. */
export function bundlesFolder(root: string): string {
  return join(root, 'node_modules/.cache/programs');
}

/**
 * Names what a bundle is made of: the sources below `root` and the facts that they import, where they are (the bundle reads
 * files beside them), the packages that are installed and the Node that runs them. Throws the system's error where one
 * cannot be read.
 */
export function bundleKey(root: string): string {
  const hash = createHash('sha256').update(`${root}\0${process.version}\0`);
  add(hash, join(root, 'package.json'));
  add(hash, join(root, 'node_modules/.package-lock.json'));
  for (const name of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).sort())
    if (name.endsWith('.ts') && !name.endsWith('.test.ts')) add(hash, join(root, 'src', name));
  for (const name of readdirSync(join(root, 'facts')).sort())
    if (name.endsWith('.json')) add(hash, join(root, 'facts', name));
  return hash.digest('hex').slice(0, 32);
}

/**
 * The file to run of a bundle, or undefined where it is not whole, or where anybody but this process's user could have
 * written it: whoever may write in the cache of a checkout is not thereby root.
 */
export function findBundle(folder: string): string | undefined {
  try {
    if (!isOurs(dirname(folder)) || !isOurs(folder)) return undefined;
    const contents = JSON.parse(readOurs(join(folder, contentsFile)).toString()) as Readonly<Record<string, string>>;
    for (const [name, digest] of Object.entries(contents))
      if (digestOf(readOurs(join(folder, name))) !== digest) return undefined;
    return contents[entryFile] === undefined ? undefined : join(folder, entryFile);
  } catch {
    return undefined; // of programs that run from sources nothing is missing
  }
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function add(hash: Hash, file: string): void {
  const bytes = readFileSync(file);
  hash.update(`${file}\0${bytes.length}\0`).update(bytes);
}

function readOurs(file: string): Buffer {
  if (!isOurs(file)) throw new Error(`Others could have written ${file}`);
  return readFileSync(file);
}

/** Whether nobody but this process's user could have written it. Links are nobody's. */
export function isOurs(path: string): boolean {
  const entry = lstatSync(path);
  return entry.uid === process.getuid?.() && (entry.mode & 0o022) === 0 && !entry.isSymbolicLink();
}
