import { run } from './command.ts';

/**
 * Removes a folder that others have filled, with all that is in it; one that is not there is no error. A program of the
 * system does it: Node's own removal takes two kilobytes for each file of a folder, and cannot name what lies deeper than
 * a path is long. Other file systems that are mounted below are left alone, and are an error.
 */
export async function removeTree(path: string): Promise<void> {
  await run('rm', ['-rf', '--one-file-system', '--', path]);
}
