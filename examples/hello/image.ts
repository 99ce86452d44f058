import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { writeTar } from '../../src/local/tar.ts';

/**
 * Writes a docker archive of an image that holds the Node that runs this, the libraries that it needs, and `program`,
 * which the container starts. Nothing is downloaded.
 */
export function writeNodeImage(file: string, tag: string, program: string | URL): void {
  const layer = writeTar([
    ...['bin/', 'tmp/', 'proc/', 'sys/', 'dev/', 'etc/'].map((path) => ({ path })),
    { path: 'bin/node', content: readFileSync(process.execPath), mode: 0o755 },
    ...librariesOf(process.execPath).map((path) => ({ path: path.slice(1), content: readFileSync(path), mode: 0o755 })),
    { path: 'server.mjs', content: readFileSync(program) },
  ]);
  const config = {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin'], Entrypoint: ['/bin/node', '/server.mjs'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
  };
  const manifest = [{ Config: 'config.json', RepoTags: [tag], Layers: ['layer.tar'] }];
  const archive = writeTar([
    { path: 'config.json', content: Buffer.from(JSON.stringify(config)) },
    { path: 'layer.tar', content: layer },
    { path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) },
  ]);
  writeFileSync(file, archive);
}

/** The shared libraries of a program, its loader included, as absolute paths. */
function librariesOf(program: string): string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...lines.matchAll(/(\/\S+) \(0x[0-9a-f]+\)$/gm)].map(([, path]) => path!);
}
