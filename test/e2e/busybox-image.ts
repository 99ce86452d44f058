import { existsSync, readFileSync } from 'node:fs';
import { writeImage } from './image.ts';

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
  writeImage(file, tag, { Env: ['PATH=/bin'], Cmd: ['/bin/sleep', '1000000'] }, [
    ...['bin/', 'etc/', 'tmp/', 'proc/', 'sys/', 'dev/'].map((path) => ({ path })),
    { path: 'bin/busybox', content: program, mode: 0o755 },
    ...applets.map((name) => ({ path: `bin/${name}`, target: 'busybox' })),
    { path: 'etc/passwd', content: Buffer.from('root:x:0:0:root:/:/bin/sh\n') },
  ]);
}
