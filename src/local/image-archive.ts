import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { fullImageName, isRepositoryName } from './image-reference.ts';
import { paddingOf, readTarHeader } from './tar.ts';

/** What an archive holds. */
export interface ImageArchive {
  readonly form: 'docker' | 'oci';
  /** Names as they are written in the archive, and in full. */
  readonly images: readonly { readonly written: string; readonly full: string }[];
}

/** A file is no image archive that can be loaded; the message names the file and says what to do. */
export class ImageArchiveError extends Error {
  override readonly name = 'ImageArchiveError';
}

const howToMake = 'make one with "docker save", "podman save" or "skopeo copy"';
const longestIndexBytes = 16 * 1024 * 1024;

/**
 * The archive's bytes as a plain tar; gzip and zstd are undone. Rejects with {@link ImageArchiveError} when it cannot
 * be read.
 */
export async function openImageArchive(file: string): Promise<Readable> {
  const magic = await firstBytes(file);
  const bytes = createReadStream(file, { highWaterMark: 1024 * 1024 });
  if (magic.length === 0) throw new ImageArchiveError(`Cannot load "${file}": the file is empty`);
  const unpack =
    magic.readUInt16BE(0) === 0x1f8b
      ? createGunzip()
      : magic.readUInt32BE(0) === 0x28b52ffd
        ? createZstdDecompress()
        : undefined;
  if (unpack === undefined) return bytes;
  bytes.on('error', (error) => unpack.destroy(error));
  return bytes.pipe(unpack);
}

/** Reads the names in an archive made by `docker save` or in OCI layout. Rejects with {@link ImageArchiveError}. */
export async function inspectImageArchive(file: string): Promise<ImageArchive> {
  const documents = await readDocuments(file);
  const docker = documents.get('manifest.json');
  const index = documents.get('index.json');
  if (docker === undefined && index === undefined)
    throw new ImageArchiveError(
      `Cannot load "${file}": a tar archive, but of no image: it has neither manifest.json nor index.json; ${howToMake}`,
    );
  const form = docker === undefined ? 'oci' : 'docker';
  const names = form === 'docker' ? dockerNames(file, docker!) : ociNames(file, index!);
  const images = [...new Set(names)].map((written) => ({ written, full: fullImageName(written) }));
  if (images.length === 0)
    throw new ImageArchiveError(
      `Cannot load "${file}": its images have no names; tag the image before it is saved, or save it by name`,
    );
  return { form, images };
}

function dockerNames(file: string, text: string): string[] {
  const manifest = parse(file, 'manifest.json', text);
  if (!Array.isArray(manifest)) throw new ImageArchiveError(`Cannot load "${file}": its manifest.json is no list`);
  return manifest.flatMap((image: { RepoTags?: string[] | null }) => image.RepoTags ?? []);
}

function ociNames(file: string, text: string): string[] {
  const index = parse(file, 'index.json', text) as { manifests?: { annotations?: Record<string, string> }[] };
  return (index.manifests ?? [])
    .map(
      ({ annotations = {} }) =>
        annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'] ?? '',
    )
    .filter(isRepositoryName);
}

function parse(file: string, name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ImageArchiveError(`Cannot load "${file}": its ${name} is not JSON`, { cause });
  }
}

async function firstBytes(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file, 'r');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 0 ? Buffer.alloc(0) : buffer;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder, not a file' : (cause as Error).message;
    throw new ImageArchiveError(`Cannot load "${file}": ${why}`, { cause });
  }
}

/** The two documents at the top of the archive that name its images. */
async function readDocuments(file: string): Promise<Map<string, string>> {
  const documents = new Map<string, string>();
  const reader = new BlockReader(await openImageArchive(file));
  try {
    for (;;) {
      const block = await reader.take(512);
      const entry = block === undefined ? undefined : readTarHeader(block);
      if (entry === undefined) return documents;
      const name = entry.path.replace(/^\.\//, '');
      if ((name === 'manifest.json' || name === 'index.json') && entry.size <= longestIndexBytes)
        documents.set(name, (await reader.take(entry.size, true))!.toString());
      else await reader.skip(entry.size);
      await reader.skip(paddingOf(entry.size));
    }
  } catch (cause) {
    if (cause instanceof ImageArchiveError) throw cause;
    throw new ImageArchiveError(`Cannot load "${file}": no image archive (${(cause as Error).message}); ${howToMake}`, {
      cause,
    });
  } finally {
    reader.close();
  }
}

/** Takes a stream of bytes in pieces of the wanted size. */
class BlockReader {
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /**
   * `undefined` at the end of the stream; throws when it ends within the piece. `required`: it must not end before it
   * either.
   */
  async take(size: number, required = false): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    let missing = size;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) {
        if (missing === size && !required) return undefined;
        throw new Error('it ends too early');
      }
      const piece = this.#rest.subarray(0, missing);
      pieces.push(piece);
      missing -= piece.length;
      this.#rest = this.#rest.subarray(piece.length);
    }
    return Buffer.concat(pieces);
  }

  async skip(size: number): Promise<void> {
    let missing = size;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) throw new Error('it ends too early');
      const skipped = Math.min(missing, this.#rest.length);
      missing -= skipped;
      this.#rest = this.#rest.subarray(skipped);
    }
  }

  close(): void {
    this.#stream.destroy();
  }

  async #fill(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done === true) return false;
    this.#rest = value;
    return true;
  }
}
