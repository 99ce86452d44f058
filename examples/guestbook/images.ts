import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeTar, type TarEntry } from '../../src/local/tar.ts';

/**
 * `node images.ts FILE` writes a docker archive of the two images of this example, made of what is on this machine:
 * PostgreSQL of Debian's package `postgresql`, and the Node that runs this. Nothing is downloaded.
 */

/** As in PostgreSQL's own image. */
const postgresUser = 'postgres:x:999:999::/var/lib/postgresql:/bin/sh';
/** The database server, and what one asks it with. */
const programs = ['postgres', 'initdb', 'psql', 'pg_dump', 'pg_isready'];
/** Name servers are asked by libraries that no program names. */
const resolvers = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];
const utf8 = '/usr/lib/locale/C.utf8';
const zones = ['UTC', 'Etc/UTC'].map((name) => `/usr/share/zoneinfo/${name}`).filter(existsSync);

/** Why the images cannot be made here, or nothing. */
export function cannotMakeImages(): string | undefined {
  return newestPostgres() === undefined ? 'needs PostgreSQL: install Debian\'s package "postgresql"' : undefined;
}

/** Writes the archive. Throws where {@link cannotMakeImages} says why. */
export function writeImages(file: string): void {
  const problem = cannotMakeImages();
  if (problem !== undefined) throw new Error(`Cannot make the images: this machine ${problem}`);
  const layers = { postgres: postgresLayer(newestPostgres()!), guestbook: guestbookLayer() };
  const images = [
    image('postgres:15', [layers.postgres], { Entrypoint: ['/bin/sh', '/start.sh'], User: '999' }),
    // The guestbook asks with psql, so it stands on the other image.
    image('guestbook:1', [layers.postgres, layers.guestbook], { Entrypoint: ['/usr/bin/node', '/server.mjs'] }),
  ];
  writeFileSync(
    file,
    writeTar([
      ...Object.values(layers).map(({ path, content }) => ({ path, content })),
      ...images.map(({ path, config }) => ({ path, content: Buffer.from(config) })),
      { path: 'manifest.json', content: Buffer.from(JSON.stringify(images.map(({ manifest }) => manifest))) },
    ]),
  );
}

interface Layer {
  readonly path: string;
  readonly content: Buffer;
}

function layerOf(path: string, entries: readonly TarEntry[]): Layer {
  return { path, content: writeTar([...new Map(entries.map((entry) => [entry.path, entry])).values()]) };
}

function image(tag: string, layers: readonly Layer[], settings: object) {
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/usr/bin:/bin', 'LANG=C.UTF-8'], ...settings },
    rootfs: {
      type: 'layers',
      diff_ids: layers.map(({ content }) => `sha256:${createHash('sha256').update(content).digest('hex')}`),
    },
  });
  const path = `${tag.replace(':', '-')}.json`;
  return { path, config, manifest: { Config: path, RepoTags: [tag], Layers: layers.map((layer) => layer.path) } };
}

/** Where Debian has the newest version's programs. */
function newestPostgres(): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const [newest] = versions.sort((a, b) => Number(b) - Number(a));
  return newest !== undefined && existsSync(`/usr/lib/postgresql/${newest}/bin/postgres`)
    ? `/usr/lib/postgresql/${newest}`
    : undefined;
}

function postgresLayer(folder: string): Layer {
  const binaries = programs.map((name) => join(folder, 'bin', name));
  const plugins = filesBelow(join(folder, 'lib')).filter((path) => path.endsWith('.so') && !/\/llvmjit/.test(path));
  const shared = filesBelow(`/usr/share/postgresql/${folder.split('/').at(-1)}`).filter(
    (path) => !/\/man\//.test(path),
  );
  const libraries = [...binaries, ...plugins, '/bin/sh', '/bin/cat', '/bin/chmod'].flatMap(librariesOf);
  return layerOf('postgres.tar', [
    ...['bin/', 'etc/', 'proc/', 'sys/', 'dev/', 'usr/bin/', 'var/lib/postgresql/'].map((path) => ({ path })),
    { path: 'tmp/', mode: 0o1777 },
    { path: 'run/postgresql/', mode: 0o1777 },
    { path: 'var/run', target: '../run' },
    ...[
      ...binaries,
      ...plugins,
      ...shared,
      ...libraries,
      ...filesBelow(utf8),
      ...zones,
      ...resolvers.flatMap(libraryPaths),
    ].map(copy),
    ...programs.map((name) => ({ path: `usr/bin/${name}`, target: join(folder, 'bin', name) })),
    ...['sh', 'cat', 'chmod'].map((name) => ({ ...copy(`/bin/${name}`), path: `bin/${name}` })),
    { path: 'etc/passwd', content: Buffer.from(`root:x:0:0:root:/:/bin/sh\n${postgresUser}\n`) },
    { path: 'etc/nsswitch.conf', content: Buffer.from('hosts: files dns\n') },
    { path: 'start.sh', content: readFileSync(here('start.sh')), mode: 0o755 },
  ]);
}

function guestbookLayer(): Layer {
  return layerOf('guestbook.tar', [
    { ...copy(process.execPath), path: 'usr/bin/node' },
    ...librariesOf(process.execPath).map(copy),
    { path: 'server.mjs', content: readFileSync(here('server.mjs')) },
  ]);
}

/** The file as it is on this machine; links become what they lead to. */
function copy(path: string): TarEntry {
  return { path: path.slice(1), content: readFileSync(path), mode: statSync(path).mode & 0o777 };
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path) && statSync(path).isFile() && !path.includes('/bitcode/'));
}

/** The shared libraries of a program, its loader included, as absolute paths. */
function librariesOf(program: string): string[] {
  const lines = execFileSync('ldd', [realpathSync(program)], { encoding: 'utf8' });
  return [...lines.matchAll(/(\/\S+) \(0x[0-9a-f]+\)$/gm)].map(([, path]) => path!);
}

/** Where the dynamic linker finds a library, if it does. */
function libraryPaths(name: string): string[] {
  const lines = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  return [...lines.matchAll(/^\s*(\S+) .* => (\/\S+)$/gm)].flatMap(([, found, path]) =>
    found === name ? [path!] : [],
  );
}

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error('Cannot write the images: name a file for them');
  try {
    writeImages(file);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
