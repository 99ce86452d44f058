import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, run } from '../base/node/command.ts';
import { containerdConfig, networkTemplate } from './containerd-config.ts';
import type { NodePaths } from './paths.ts';

export interface ContainerdVersion {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

/** Where distributions put the CNI plugins. */
const cniFolders = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni', '/usr/local/libexec/cni'];
const cniPlugins = ['ptp', 'host-local', 'loopback'];

/** The version of the containerd in PATH, `undefined` when there is none. */
export async function containerdVersion(): Promise<ContainerdVersion | undefined> {
  try {
    return parseContainerdVersion(await run('containerd', ['--version']));
  } catch (error) {
    if (error instanceof CommandError && error.exitCode < 0) return undefined;
    throw error;
  }
}

/** Reads `containerd NAME VERSION …`. Throws when there is no version in it. */
export function parseContainerdVersion(output: string): ContainerdVersion {
  const match = /\sv?(\d+)\.(\d+)\.\S+/.exec(output);
  if (match === null) throw new Error(`Cannot read the version of containerd: "${output.trim()}"`);
  return { major: Number(match[1]), minor: Number(match[2]), text: match[0].trim() };
}

/** The folder that holds the CNI plugins, `undefined` when they are not installed. */
export function cniBinaries(): string | undefined {
  return cniFolders.find((folder) => cniPlugins.every((plugin) => existsSync(join(folder, plugin))));
}

/** CAP_SYS_RESOURCE: without it a process may not lower oom_score_adj. */
const sysResource = 24n;

/** Whether `status` (of `/proc/self/status`) shows the effective capability to lower oom_score_adj. */
export function mayLowerOomScore(status: string): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> sysResource) & 1n) === 1n;
}

/** Tries an overlay mount in `folder`, in a mount namespace of its own: on some file systems the kernel refuses it. */
async function overlayWorks(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const trial = await mkdtemp(join(folder, '.overlay-'));
  try {
    const at = (name: string): string => join(trial, name);
    for (const name of ['lower', 'upper', 'work', 'merged']) await mkdir(at(name));
    const options = `lowerdir=${at('lower')},upperdir=${at('upper')},workdir=${at('work')}`;
    await run('unshare', ['--mount', 'mount', '-t', 'overlay', '-o', options, 'overlay', at('merged')]);
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

/** Writes what the node's containerd reads when it starts. Throws when containerd or the CNI plugins are missing. */
export async function prepareContainerd(paths: NodePaths): Promise<void> {
  const version = await containerdVersion();
  if (version === undefined) throw new Error('Cannot set up a node: containerd is not installed');
  const plugins = cniBinaries();
  if (plugins === undefined) throw new Error('Cannot set up a node: the CNI plugins are not installed');
  await mkdir(paths.containerdRoot, { recursive: true, mode: 0o711 });
  await mkdir(paths.registries, { recursive: true });
  for (const folder of [paths.containerdState, paths.cniConfig, paths.cniAddresses, paths.runcState])
    await mkdir(folder, { recursive: true, mode: 0o711 });
  const config = containerdConfig({
    ...version,
    root: paths.containerdRoot,
    state: paths.containerdState,
    socket: paths.containerdSocket,
    cniBinaries: plugins,
    cniConfig: paths.cniConfig,
    cniTemplate: paths.cniTemplate,
    registries: paths.registries,
    runcState: paths.runcState,
    snapshotter: (await overlayWorks(paths.containerdRoot)) ? 'overlayfs' : 'native',
    restrictOomScore: !mayLowerOomScore(await readFile('/proc/self/status', 'utf8')),
  });
  await writeFile(paths.cniTemplate, networkTemplate(paths.cniAddresses));
  await writeFile(paths.containerdConfig, config);
}
