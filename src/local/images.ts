import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { CommandError, pathWithSystem, run } from '../base/node/command.ts';
import { ImageArchiveError, inspectImageArchive, openImageArchive } from './image-archive.ts';
import { pauseArchitecture, pauseArchive } from './pause-image.ts';

/** The namespace of containerd in which Kubernetes' images and containers are. */
const namespace = 'k8s.io';

/**
 * Loads the images of an archive (from `docker save` or in OCI layout, also packed with gzip or zstd) into the containerd
 * on `socket` and resolves to their full names. Rejects with {@link ImageArchiveError} on a file that is none.
 */
export async function loadImages(socket: string, file: string): Promise<string[]> {
  const { form, images } = await inspectImageArchive(file);
  try {
    await importTar(socket, await openImageArchive(file));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new ImageArchiveError(`Cannot load "${file}": containerd refuses it: ${error.stderr.trim()}`, {
      cause: error,
    });
  }
  if (form === 'oci') for (const { written, full } of images) if (written !== full) await rename(socket, written, full);
  return images.map(({ full }) => full);
}

/** Loads the image that sandboxes run. */
export async function loadPauseImage(socket: string): Promise<void> {
  await importTar(socket, Readable.from([pauseArchive(pauseArchitecture(process.arch))]));
}

async function rename(socket: string, from: string, to: string): Promise<void> {
  await run('ctr', [...containerd(socket), 'images', 'tag', '--force', from, to]);
  await run('ctr', [...containerd(socket), 'images', 'remove', from]);
}

function containerd(socket: string): string[] {
  return ['--address', socket, '--namespace', namespace];
}

async function importTar(socket: string, tar: Readable): Promise<void> {
  const args = [...containerd(socket), 'images', 'import', '-'];
  const child = spawn('ctr', args, {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, PATH: pathWithSystem() },
  });
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  const copied = pipeline(tar, child.stdin).then(
    () => undefined,
    (error: Error) => error,
  );
  const code = await ended.catch((cause: Error) => {
    throw new CommandError('ctr', args, -1, cause.message, { cause });
  });
  tar.destroy();
  const failure = await copied;
  if (code !== 0) throw new CommandError('ctr', args, code, Buffer.concat(stderr).toString());
  if (failure !== undefined) throw failure;
}
