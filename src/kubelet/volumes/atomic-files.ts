import { chmod, chown, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { VolumeFile } from './volume-disk.ts';

/**
 * Replaces all files of a folder at once. They lie in a folder of their own, `..2026_12_01_03_07_18.<n>`; `..data` is a link to it
 * and the visible names are links through `..data`, so that exchanging this one link exchanges them all. Containers
 * see the change through their mount, and whoever has a file open keeps the old one. With a group, all belongs to it.
 */
export async function writeFilesAtomically(
  folder: string,
  files: readonly VolumeFile[],
  { version, group }: { readonly version: string; readonly group?: number },
): Promise<void> {
  const old = await readlink(join(folder, '..data')).catch(() => undefined);
  const fresh = join(folder, `..${version}`);
  await mkdir(fresh, { recursive: true });
  await chmod(fresh, 0o755);
  await Promise.all(files.map((file) => writeOne(fresh, file, group)));
  for (const inner of group === undefined ? [] : ['', ...foldersOf(files)]) {
    await chown(join(fresh, inner), 0, group!);
    await chmod(join(fresh, inner), 0o2755);
  }
  await rm(join(folder, '..data_tmp'), { force: true });
  await symlink(`..${version}`, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));

  const visible = new Set(files.map(({ path }) => path.split('/')[0]!));
  const present = new Set((await readdir(folder)).filter((name) => !name.startsWith('..')));
  for (const name of visible) if (!present.has(name)) await symlink(join('..data', name), join(folder, name));
  for (const name of present) if (!visible.has(name)) await rm(join(folder, name), { force: true });
  if (old !== undefined) await rm(join(folder, old), { recursive: true, force: true });
}

/** The folders that files lie in, each once. */
function foldersOf(files: readonly VolumeFile[]): Set<string> {
  const found = new Set<string>();
  for (const { path } of files)
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) found.add(folder);
  return found;
}

/** Readable for the group that the volume belongs to, if there is one. */
async function writeOne(root: string, { path, data, mode, uid }: VolumeFile, group: number | undefined): Promise<void> {
  const file = join(root, path);
  if (path.includes('/')) await mkdir(dirname(file), { recursive: true, mode: 0o755 });
  await writeFile(file, data);
  await chmod(file, group === undefined ? mode : mode | 0o440);
  if (uid !== undefined || group !== undefined) await chown(file, uid ?? 0, group ?? 0);
}
