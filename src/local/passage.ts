import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from './problem.ts';

const othersMayPass = 0o001;

/**
 * nginx' workers run as nobody and have their files below the clusters' run folder: every folder above must let them
 * through. Rejects with {@link UserError} for the outermost that does not. Folders that are not there yet will.
 */
export async function checkPassage(folder: string): Promise<void> {
  const parent = dirname(folder);
  if (parent !== folder) await checkPassage(parent);
  const mode = (await stat(folder).catch(() => undefined))?.mode ?? othersMayPass;
  if ((mode & othersMayPass) === 0)
    throw new UserError(
      `Cannot keep clusters below "${folder}": nginx' workers, who are not root, must pass through it, and its mode is ${(mode & 0o7777).toString(8).padStart(4, '0')}; allow it with "chmod o+x ${folder}", or set KUBELING_HOME to another folder`,
    );
}
