import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { writeTar, type TarEntry } from '../../src/local/tar.ts';

/** Writes a docker archive of an image of one layer; `config` is as docker's, such as `Entrypoint`. */
export function writeImage(file: string, tag: string, config: object, files: readonly TarEntry[]): void {
  const layer = writeTar(files);
  const document = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
    }),
  );
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: [tag], Layers: ['layer.tar'] }]);
  const archive = writeTar([
    { path: 'config.json', content: document },
    { path: 'layer.tar', content: layer },
    { path: 'manifest.json', content: Buffer.from(manifest) },
  ]);
  writeFileSync(file, archive);
}
