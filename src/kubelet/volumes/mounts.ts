import { execFile } from 'node:child_process';
import { dirname, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C' };

/** Mounts a file system in memory; without a size it grows up to half of the machine's. */
export async function mountMemory(path: string, sizeBytes: number | undefined): Promise<void> {
  const options = sizeBytes === undefined ? [] : ['-o', `size=${Math.max(4096, Math.floor(sizeBytes))}`];
  await mount(['-t', 'tmpfs', ...options, 'tmpfs', path]);
}

/**
 * Lays folders over each other, the first on top, at an empty folder `path`: for reading only, without programs, devices
 * or rights of their own. The kernel takes a page of options, so the folders are named from where most of them are.
 */
export async function mountLayers(path: string, folders: readonly string[]): Promise<void> {
  const [first = path] = folders;
  const common = dirname(dirname(first));
  // A single folder is laid over the empty one: the file system itself is then for reading only, unlike that of a bind.
  const layers = folders.length > 1 ? folders.map((folder) => relative(common, folder)) : [first, path];
  const options = ['ro', 'noexec', 'nosuid', 'nodev', `lowerdir=${layers.join(':')}`];
  await mount(['-t', 'overlay', '-o', options.join(','), 'overlay', path], common);
}

/** Shows `source` at `target` too. The source is taken as it is: a path of an open file stays that very file. */
export async function bindMount(source: string, target: string): Promise<void> {
  await mount(['--no-canonicalize', '--bind', source, target]);
}

/** Undoes a mount; a path where nothing is mounted is no error. */
export async function unmount(path: string): Promise<void> {
  await run('umount', ['-l', path], { env }).catch((error: { stderr?: string }) => {
    const harmless = /not mounted|no mount point|not found|No such file/.test(error.stderr ?? '');
    if (!harmless) throw new Error(`Cannot unmount "${path}": ${error.stderr?.trim() ?? String(error)}`);
  });
}

async function mount(args: readonly string[], cwd?: string): Promise<void> {
  await run('mount', [...args], { env, ...(cwd !== undefined && { cwd }) }).catch((error: { stderr?: string }) => {
    throw new Error(`Cannot mount "${args.at(-1)}": ${error.stderr?.trim() ?? String(error)}`);
  });
}
