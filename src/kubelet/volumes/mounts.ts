import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
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

/** Gives a mount other options: those of the mount alone, as `ro` and `noexec`. */
export async function remount(target: string, options: readonly string[]): Promise<void> {
  try {
    await mount(['-o', ['bind', 'remount', ...options].join(','), target]);
  } catch (error) {
    await unmount(target);
    throw error;
  }
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

/** Whether something is mounted at a path itself, a bind mount too. */
export async function isMounted(path: string): Promise<boolean> {
  return (await mountsBelow(path)).includes(path);
}

/** Mount points at or below a path, deepest first. */
export async function mountsBelow(path: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.map((line) => unescaped(line.split(' ')[4] ?? ''));
  return points.filter((point) => point === path || point.startsWith(`${path}/`)).reverse();
}

/** Spaces and the like stand as octal numbers. */
function unescaped(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
