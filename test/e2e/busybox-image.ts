import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { writeTar } from '../../src/local/tar.ts';

const places = ['/bin/busybox', '/usr/bin/busybox'];
const applets = [
  'sh',
  'cat',
  'echo',
  'sleep',
  'true',
  'false',
  'dd',
  'nc',
  'stty',
  'tar',
  'ls',
  'wget',
  'head',
  'ip',
  'seq',
  'ping',
  'nslookup',
  'httpd',
  'mkdir',
  'chmod',
  'printf',
];

/** Why the image cannot be made, or `undefined`. */
export function cannotMakeBusybox(): string | undefined {
  return places.some(existsSync) ? undefined : 'needs busybox (Debian package busybox-static)';
}

/** Writes a docker archive of an image that holds busybox under the usual names of its commands. */
export function writeBusyboxImage(file: string, tag: string): void {
  const program = readFileSync(places.find(existsSync)!);
  const layer = writeTar([
    ...['bin/', 'etc/', 'tmp/', 'proc/', 'sys/', 'dev/'].map((path) => ({ path })),
    { path: 'bin/busybox', content: program, mode: 0o755 },
    ...applets.map((name) => ({ path: `bin/${name}`, target: 'busybox' })),
    { path: 'etc/passwd', content: Buffer.from('root:x:0:0:root:/:/bin/sh\n') },
  ]);
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: ['/bin/sleep', '1000000'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
    }),
  );
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: [tag], Layers: ['layer.tar'] }]);
  const archive = writeTar([
    { path: 'config.json', content: config },
    { path: 'layer.tar', content: layer },
    { path: 'manifest.json', content: Buffer.from(manifest) },
  ]);
  writeFileSync(file, archive);
}
