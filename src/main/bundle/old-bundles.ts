import { readdir, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Going back and forth between a few states of the sources makes nothing anew. */
const kept = 4;

/**
 * Removes all but the newest bundles and those that programs run from: these load parts of theirs only when they need
 * them, such as when a certificate is renewed, months later. They hold the folder open for it (`src/main/program.ts`).
 */
export async function removeOldBundles(bundles: string): Promise<void> {
  const names = await readdir(bundles);
  const all = await Promise.all(
    names.map(async (name) => {
      const path = join(bundles, name);
      return { path, made: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  const old = all.sort((one, other) => other.made - one.made).slice(kept);
  if (old.length === 0) return;
  const held = await openFiles();
  for (const { path } of old) if (!held.has(path)) await rm(path, { recursive: true, force: true });
}

/** What the processes of this machine have open, as far as this process may see it. */
async function openFiles(): Promise<Set<string>> {
  const open = new Set<string>();
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const folder = `/proc/${pid}/fd`;
    const descriptors = await readdir(folder).catch(() => []); // it has ended, or is another user's
    for (const descriptor of descriptors) open.add(await readlink(join(folder, descriptor)).catch(() => ''));
  }
  return open;
}
