import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pauseArchitecture } from '../../src/local/pause-image.ts';
import { writeTar, type TarEntry } from '../../src/local/tar.ts';
import type { Programs } from './programs.ts';

/** What a container of an image is started with. */
interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
}

/** An image: its config, and the files that only it has. */
interface Image extends ImageConfig {
  readonly files?: (programs: Programs) => readonly TarEntry[];
}

const agnhost: Image = { Entrypoint: ['/agnhost'], Cmd: ['pause'], WorkingDir: '/' };
const webServer: Image = { Entrypoint: ['/agnhost'], Cmd: ['test-webserver'], WorkingDir: '/' };

/**
 * The images that conformance tests run, by the last part of their names; those of others tests, such as storage servers,
 * are not made. All hold the same programs, but for a few files, and start others. What stands for nginx only answers on
 * its port.
 */
const images: Readonly<Record<string, Image>> = {
  agnhost,
  busybox: { Cmd: ['sh'], files: () => [{ path: 'bin/sh', content: Buffer.from(busyboxShell), mode: 0o755 }] },
  etcd: { files: ({ etcd }) => [program('usr/local/bin/etcd', etcd)] },
  'glibc-dns-testing': { Cmd: ['sh'] },
  kitten: {
    ...webServer,
    // Tests look into it, and want to see what the real one was made from.
    files: () => [{ path: 'etc/os-release', content: Buffer.from('NAME="Alpine Linux"\n') }],
  },
  nautilus: webServer,
  nginx: { Entrypoint: ['/agnhost'], Cmd: ['netexec', '--http-port=80', '--udp-port=-1'] },
  nonewprivs: { Cmd: ['nnp'] },
  nonroot: { ...agnhost, User: '1234' },
  pause: { Entrypoint: ['/agnhost', 'pause'] },
  'sample-apiserver': {
    Entrypoint: ['/sample-apiserver'],
    files: ({ sampleApiServer }) => [program('sample-apiserver', sampleApiServer)],
  },
};

/** Programs that containers of the tests run, and Debian's packages that have them. */
const tools: Readonly<Record<string, string>> = {
  busybox: 'busybox-static',
  'bash-static': 'bash-static',
  curl: 'curl',
  dig: 'bind9-dnsutils',
  'nc.openbsd': 'netcat-openbsd',
  getent: 'libc-bin',
};

/** Why images cannot be made here, or nothing. */
export function cannotMakeImages(): string | undefined {
  const missing = Object.keys(tools).filter((name) => pathOf(name) === undefined);
  if (missing.length === 0) return undefined;
  return `needs ${missing.join(', ')}: install ${missing.map((name) => tools[name]).join(' ')}`;
}

/**
 * Writes one docker archive of those of `names` (as the suite lists them) that are known, from what this machine has.
 * Answers their names.
 */
export async function writeImages(file: string, names: readonly string[], programs: Programs): Promise<string[]> {
  const layers: TarEntry[] = [];
  const base = writeTar(commonFiles(programs));
  layers.push({ path: 'base.tar', content: base });
  const manifest: object[] = [];
  for (const name of names) {
    const [, short = ''] = /([^/:]+):[^/:]+$/.exec(name) ?? [];
    const image = images[short];
    if (image === undefined) continue;
    const { files: ownFiles, ...config } = image;
    const picture = { path: 'data.json', content: Buffer.from(JSON.stringify({ image: `${short}.jpg` })) };
    const own = writeTar([picture, ...(ownFiles?.(programs) ?? [])]);
    const document = Buffer.from(
      JSON.stringify({
        architecture: pauseArchitecture(process.arch),
        os: 'linux',
        config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], ...config },
        rootfs: { type: 'layers', diff_ids: [base, own].map((layer) => `sha256:${sha256(layer)}`) },
        history: [{ created_by: 'files' }, { created_by: 'name' }],
      }),
    );
    const configName = `${sha256(document)}.json`;
    layers.push({ path: configName, content: document }, { path: `${sha256(own)}.tar`, content: own });
    manifest.push({ Config: configName, RepoTags: [name], Layers: ['base.tar', `${sha256(own)}.tar`] });
  }
  layers.push({ path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) });
  const once = [...new Map(layers.map((layer) => [layer.path, layer])).values()];
  await writeFile(file, writeTar(once));
  return manifest.map((one) => (one as { RepoTags: string[] }).RepoTags[0]!);
}

function commonFiles(programs: Programs): TarEntry[] {
  const busybox = pathOf('busybox')!;
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  const debian = ['curl', 'dig', 'nc.openbsd', 'getent'].map((name) => pathOf(name)!);
  const resolvers = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];
  const libraries = new Set([...debian.flatMap(librariesOf), ...resolvers.flatMap(libraryPaths)]);
  return [
    ...['bin/', 'etc/', 'proc/', 'sys/', 'dev/', 'usr/bin/', 'usr/local/bin/', 'uploads/'].map((path) => ({ path })),
    { path: 'tmp/', mode: 0o1777 },
    program('bin/busybox', busybox),
    program('bin/bash', pathOf('bash-static')!),
    { path: 'bin/sh', target: 'bash' },
    ...applets
      .filter((name) => !['busybox', 'sh', 'bash', 'nc', 'getent'].includes(name))
      .map((name) => ({ path: `bin/${name}`, target: 'busybox' })),
    program('usr/bin/curl', debian[0]!),
    program('usr/bin/dig', debian[1]!),
    program('bin/nc', debian[2]!),
    program('bin/getent', debian[3]!),
    ...[...libraries].map((path) => program(path.slice(1), path)),
    program('agnhost', programs.agnhost),
    { path: 'agnhost-2', target: 'agnhost' },
    ...['localhost.crt', 'localhost.key'].map((name) => program(name, `${programs.certificates}/${name}`, 0o644)),
    program('usr/local/bin/nnp', programs.nonewprivs, 0o4755),
    ...Object.entries({ passwd, group, 'nsswitch.conf': switches }).map(([name, text]) => ({
      path: `etc/${name}`,
      content: Buffer.from(text),
    })),
  ];
}

function program(path: string, source: string, mode = 0o755): TarEntry {
  return { path, content: readFileSync(source), mode };
}

/**
 * BusyBox's own shell, whose messages tests know; but of variables whose names have dashes it hands on none, Bash does.
 * Only its own image has it: it runs its own programs, such as nc, instead of those on the path.
 */
const busyboxShell = `#!/bin/bash
while IFS= read -r -d '' variable; do
  [[ \${variable%%=*} =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || exec -a "$0" /bin/bash "$@"
done </proc/self/environ
exec -a "$0" /bin/busybox "$@"
`;

const passwd = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh
`;
const group = `root:x:0:
nogroup:x:65534:
user-defined-in-image:x:1000:
group-defined-in-image:x:50000:user-defined-in-image
`;
const switches = 'passwd: files\ngroup: files\nhosts: files dns\n';

function pathOf(name: string): string | undefined {
  return ['/usr/bin', '/bin', '/usr/local/bin'].map((folder) => `${folder}/${name}`).find(existsSync);
}

/** The shared libraries of a program, its loader included, as absolute paths. */
function librariesOf(program: string): string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...lines.matchAll(/(\/\S+) \(0x[0-9a-f]+\)$/gm)].map(([, path]) => path!);
}

/** Where a library is that is loaded by its name. */
function libraryPaths(name: string): string[] {
  return ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((folder) => `/lib/${folder}/${name}`).filter(existsSync);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
