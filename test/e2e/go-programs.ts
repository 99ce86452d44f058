import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { ServerAccess } from '../../src/client/node/http-connection.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';

const run = promisify(execFile);

/**
 * Why programs written in Go are not tested here, or `false`. To build them fetches their modules where the module
 * cache has them not.
 */
export const cannotBuildGo: string | false =
  spawnSync('go', ['version']).status === 0 ? false : 'needs Go: it is not installed';

/** A folder for programs and what they need, gone when it is disposed of. */
export function goFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'go-programs-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Where Go's cache has nothing of a program, the other tests must have their time, too. */
const buildLimitMs = 240_000;

interface GoBuild {
  /** The file of the program. */
  readonly output: string;
  /** The package; that of the module's folder by default. */
  readonly name?: string;
  /** Whether it is the program of the package's tests. */
  readonly isTest?: boolean;
  /** Whether it runs in images that hold nothing else, so that it must need no libraries. */
  readonly isForImage?: boolean;
}

/**
 * Builds a package of a module below `test/go`, or of one in another folder that is given whole; or says that it would
 * take too long here. The next build goes on from there.
 */
export async function buildGo(
  module: string,
  { output, name = '.', isTest = false, isForImage = false }: GoBuild,
): Promise<{ readonly program: string } | { readonly missing: string }> {
  // What the tests are built with is what the modules name, whatever the environment says.
  const env = {
    ...process.env,
    GOFLAGS: '-mod=readonly -buildvcs=false',
    GOWORK: 'off',
    ...(isForImage && { CGO_ENABLED: '0' }),
  };
  const args = isTest ? ['test', '-c', '-vet=off'] : ['build', '-ldflags', '-s -w'];
  const folder = join(import.meta.dirname, '../go');
  const cwd = resolve(folder, module);
  // Without its path in what is compiled, Go's cache knows a copy of a module again in the next folder.
  if (!cwd.startsWith(folder)) args.push('-trimpath');
  const options = { cwd, env, maxBuffer: 1 << 26, timeout: buildLimitMs, killSignal: 'SIGINT' } as const;
  try {
    await run('go', [...args, '-o', output, name], options);
    return { program: output };
  } catch (error) {
    if ((error as { killed?: boolean }).killed !== true) throw error;
    return { missing: `building ${name} of ${module} takes longer than ${buildLimitMs / 1000} s here` };
  }
}

/** Writes a kubeconfig by which the administrator reaches a server. */
export async function writeKubeconfig(file: string, { server, ca, cert, key }: ServerAccess): Promise<string> {
  const data = (pem: string | undefined) => Buffer.from(pem ?? '').toString('base64');
  const user = { 'client-certificate-data': data(cert), 'client-key-data': data(key) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster: { server, 'certificate-authority-data': data(ca) } }],
    users: [{ name: 'admin', user }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'admin' } }],
    'current-context': 'it',
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  using _alive = keepAlive();
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** Where the module cache has a module, which is fetched into it where it is not there yet; `sum` is its checksum. */
export async function moduleFolder(module: string, sum: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: tmpdir() });
  const { Dir, Sum } = JSON.parse(stdout) as { Dir: string; Sum: string };
  if (Sum !== sum) throw new Error(`Cannot use ${module}: its checksum is ${Sum}, not ${sum}`);
  return Dir;
}
