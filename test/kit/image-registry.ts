import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { paddingOf, readTarHeader } from '../../src/local/tar.ts';

/** A registry of images over HTTP: as much of OCI's distribution specification as pulls need. */
export interface ImageRegistry extends AsyncDisposable {
  readonly url: string;
  /** The manifests that were asked for, `name:tag`, in order. */
  readonly pulled: readonly string[];
  /** Lets nodes whose containerd reads mirrors from `folder` pull here what they would pull from `hosts`. */
  mirror(folder: string, hosts: Iterable<string>): Promise<void>;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
  /** Where it is in the archive, or the blob itself. */
  readonly at: number | Buffer;
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Serves the images of an archive, made as `docker save` does, on an address of this machine. */
export async function startImageRegistry(archive: string, address: string): Promise<ImageRegistry> {
  const { manifests, blobs } = await readArchive(archive);
  const pulled: string[] = [];

  function find(url: string): { blob: Blob | undefined; type: string } {
    const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/?]+)/.exec(url) ?? [];
    if (kind !== 'manifests') return { blob: blobs.get(reference), type: 'application/octet-stream' };
    const manifest = manifests.get(`${name}:${reference}`);
    if (manifest !== undefined) pulled.push(`${name}:${reference}`);
    return { blob: manifest ?? blobs.get(reference), type: manifestType };
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { blob, type } = find(request.url ?? '');
    if (blob === undefined) return void response.writeHead(request.url === '/v2/' ? 200 : 404).end();
    const { digest, size, at } = blob;
    response.writeHead(200, { 'content-type': type, 'content-length': size, 'docker-content-digest': digest });
    if (request.method === 'HEAD') response.end();
    else if (typeof at === 'number') createReadStream(archive, { start: at, end: at + size - 1 }).pipe(response);
    else response.end(at);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const url = `http://${address}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    pulled,
    async mirror(folder, hosts) {
      for (const host of hosts) {
        await mkdir(join(folder, host), { recursive: true });
        await writeFile(join(folder, host, 'hosts.toml'), `[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`);
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the archive holds: blobs by digest, manifests by name and tag, without their host. */
async function readArchive(archive: string): Promise<{ manifests: Map<string, Blob>; blobs: Map<string, Blob> }> {
  await using file = await open(archive);
  const entries = await entriesOf(file);
  const digests = new Map<string, Promise<Blob>>();
  const blobAt = (path: string): Promise<Blob> => {
    const { at, size } = entries.get(path)!;
    const found = digests.get(path) ?? digestOf(archive, at, size).then((digest) => ({ digest, size, at }));
    digests.set(path, found);
    return found;
  };
  const manifests = new Map<string, Blob>();
  const blobs = new Map<string, Blob>();
  const { at, size } = entries.get('manifest.json')!;
  const { buffer } = await file.read(Buffer.alloc(size), 0, size, at);
  for (const { Config, Layers, RepoTags } of JSON.parse(buffer.toString()) as ArchivedImage[]) {
    const [config, ...layers] = await Promise.all([Config, ...Layers].map(blobAt));
    const body = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: described(config!, 'application/vnd.oci.image.config.v1+json'),
        layers: layers.map((layer) => described(layer, 'application/vnd.oci.image.layer.v1.tar')),
      }),
    );
    const manifest = { digest: sha256(body), size: body.length, at: body };
    for (const blob of [manifest, config!, ...layers]) blobs.set(blob.digest, blob);
    for (const tag of RepoTags) manifests.set(tag.slice(tag.indexOf('/') + 1), manifest);
  }
  return { manifests, blobs };
}

interface ArchivedImage {
  readonly Config: string;
  readonly Layers: readonly string[];
  readonly RepoTags: readonly string[];
}

async function entriesOf(file: FileHandle): Promise<Map<string, { at: number; size: number }>> {
  const entries = new Map<string, { at: number; size: number }>();
  for (let at = 0; ;) {
    const { buffer } = await file.read(Buffer.alloc(512), 0, 512, at);
    const header = readTarHeader(buffer);
    if (header === undefined) return entries;
    entries.set(header.path, { at: at + 512, size: header.size });
    at += 512 + header.size + paddingOf(header.size);
  }
}

function described({ digest, size }: Blob, mediaType: string): object {
  return { mediaType, digest, size };
}

async function digestOf(archive: string, at: number, size: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(archive, { start: at, end: at + size - 1 })) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
