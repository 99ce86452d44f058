import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, run } from '../base/node/command.ts';
import { UserError } from './problem.ts';

/** An archive of images that this machine's Docker has, for as long as it is not disposed. Rejects with {@link UserError}. */
export async function saveFromDocker(images: readonly string[]): Promise<AsyncDisposable & { readonly file: string }> {
  for (const image of images) await docker(['image', 'inspect', '--format', '{{.Id}}', image], image);
  const folder = await mkdtemp(join(tmpdir(), 'kubeling-images-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const file = join(folder, 'images.tar');
  try {
    await docker(['save', '--output', file, ...images], images.join(', '));
    return { file, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function docker(args: readonly string[], image: string): Promise<void> {
  try {
    await run('docker', args);
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    const why = cause.exitCode === -1 ? 'docker is not installed' : cause.stderr.trim();
    throw new UserError(
      `Cannot take image "${image}" from Docker: ${why}; an archive of podman or skopeo is loaded with "kubeling image load FILE"`,
      { cause },
    );
  }
}
