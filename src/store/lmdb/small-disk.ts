import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './temporary-folder.ts';

export interface SmallDisk extends Disposable {
  readonly path: string;
  grow(mebibytes: number): void;
}

/** A file system of its own, so small that a test can fill it. Skips the test where it may not be mounted. */
export function smallDisk(context: TestContext, mebibytes: number): SmallDisk | undefined {
  const folder = temporaryFolder();
  const path = join(folder.path, 'disk');
  mkdirSync(path);
  const mount = (...options: string[]) => execFileSync('mount', [...options, path], { stdio: 'ignore' });
  try {
    mount('-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs');
  } catch {
    folder[Symbol.dispose]();
    return void context.skip('a file system can only be mounted by root');
  }
  return {
    path,
    grow: (mebibytes: number) => mount('-o', `remount,size=${mebibytes}m`),
    [Symbol.dispose]: () => {
      execFileSync('umount', ['--lazy', path]);
      folder[Symbol.dispose]();
    },
  };
}
