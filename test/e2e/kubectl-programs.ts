import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The first of the folders of PATH that hold a program, with the program's name. */
function onPath(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

/** The kubectls that stand beside the one on PATH as `kubectl.1.27`, by their version. */
function installed(): Map<string, string> {
  const kubectl = onPath('kubectl');
  if (kubectl === undefined) return new Map();
  const folder = dirname(realpathSync(kubectl));
  const names = readdirSync(folder).filter((name) => /^kubectl\.1\.\d+$/.test(name));
  return new Map(names.map((name) => [name.slice('kubectl.'.length), join(folder, name)]));
}

/**
 * The kubectls on this machine to test with: of those with a version in their name the oldest, one between and the
 * newest; or the only one.
 */
export function kubectls(): string[] {
  const kubectl = onPath('kubectl');
  if (kubectl === undefined) return [];
  const versions = [...installed().values()];
  if (versions.length === 0) return [kubectl];
  return [...new Set([versions[0]!, versions[versions.length >> 1]!, versions.at(-1)!])];
}

/** The path of the kubectl of one version, or why there is none. `folder` is where one that must be built is put. */
export function kubectlOf(version: string, folder: string): { readonly path: string } | { readonly missing: string } {
  const path = installed().get(version);
  if (path !== undefined) return { path };
  if (version !== '1.35') return { missing: `no kubectl.${version} stands beside kubectl` };
  if (onPath('go') === undefined) return { missing: 'kubectl 1.35 is built with Go, which is not installed' };
  const built = join(folder, 'kubectl.1.35');
  const of = (name: string, value: string): string => `-X k8s.io/component-base/version.${name}=${value}`;
  const ldflags = `-s -w ${of('gitVersion', 'v1.35.0')} ${of('gitMajor', '1')} ${of('gitMinor', '35')}`;
  const { status, stderr } = spawnSync('go', ['build', '-o', built, '-ldflags', ldflags, '.'], {
    cwd: join(import.meta.dirname, '../go/kubectl'),
    env: { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false' },
    encoding: 'utf8',
  });
  // A build that fails is a failure of the test, not a reason to leave it out.
  if (status !== 0) throw new Error(`Cannot build kubectl 1.35: ${stderr}`);
  return { path: built };
}
