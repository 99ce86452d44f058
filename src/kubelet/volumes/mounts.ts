import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C' };

/** Mounts a file system in memory; without a size it grows up to half of the machine's. */
export async function mountMemory(path: string, sizeBytes: number | undefined): Promise<void> {
  const options = sizeBytes === undefined ? [] : ['-o', `size=${Math.max(4096, Math.floor(sizeBytes))}`];
  await mount(['-t', 'tmpfs', ...options, 'tmpfs', path]);
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

async function mount(args: readonly string[]): Promise<void> {
  await run('mount', [...args], { env }).catch((error: { stderr?: string }) => {
    throw new Error(`Cannot mount "${args.at(-1)}": ${error.stderr?.trim() ?? String(error)}`);
  });
}
