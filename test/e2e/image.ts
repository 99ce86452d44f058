import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { writeTar, type TarEntry } from '../../src/local/tar.ts';

/** Writes a docker archive of an image of one layer; `config` is as docker's, such as `Entrypoint`. */
export function writeImage(file: string, tag: string, config: object, files: readonly TarEntry[]): void {
  writeLayers(file, tag, config, [files]);
}

/** The same of an image of several layers, the lowest first. */
export function writeLayers(file: string, tag: string, config: object, all: readonly (readonly TarEntry[])[]): void {
  const layers = all.map((files, at) => ({ path: `layer${at}.tar`, content: writeTar(files) }));
  const digests = layers.map(({ content }) => `sha256:${createHash('sha256').update(content).digest('hex')}`);
  const document = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: digests },
    }),
  );
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: [tag], Layers: layers.map(({ path }) => path) }]);
  const archive = writeTar([
    { path: 'config.json', content: document },
    ...layers,
    { path: 'manifest.json', content: Buffer.from(manifest) },
  ]);
  writeFileSync(file, archive);
}
