import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupVersion, type CgroupVersion } from './cgroups.ts';
import { nginxModules } from '../base/node/nginx-modules.ts';
import { CommandError, pathWithSystem, run } from '../base/node/command.ts';
import { cniBinaries, containerdVersion, type ContainerdVersion } from './containerd.ts';

/** What is known of the machine, as far as it matters to run nodes on it. */
export interface MachineFacts {
  readonly platform: string;
  readonly architecture: string;
  readonly isRoot: boolean;
  readonly cgroups: CgroupVersion | undefined;
  /** Whether a network namespace with a bridge in it can be made; otherwise what the kernel said. */
  readonly namespaces: true | string;
  /** Programs that were looked for and not found. */
  readonly missingPrograms: readonly string[];
  readonly hasCniPlugins: boolean;
  /** Whether nginx has its module for Lua. */
  readonly hasNginxLua: boolean;
  readonly containerd: ContainerdVersion | undefined;
  /** Whether packages can be installed with apt. */
  readonly hasApt: boolean;
}

/** What stands in the way, and what to do about it. */
export interface Problem {
  readonly what: string;
  readonly remedy: string;
}

/** What is needed of the machine: problems that only the user can solve, and Debian packages that would help. */
export interface Verdict {
  readonly problems: readonly Problem[];
  readonly packages: readonly string[];
}

/** The programs that nodes need, and the Debian packages that bring them. */
const packageOf: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  nft: 'nftables',
  ip: 'iproute2',
  conntrack: 'conntrack',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
  umount: 'mount',
  nginx: 'nginx',
};
const pluginPackage = 'containernetworking-plugins';
const nginxLuaPackage = 'libnginx-mod-http-lua';
const oldestContainerd = { major: 1, minor: 6 };

export async function machineFacts(): Promise<MachineFacts> {
  const isRoot = process.getuid?.() === 0;
  const missingPrograms = Object.keys(packageOf).filter((program) => !isInstalled(program));
  return {
    platform: process.platform,
    architecture: process.arch,
    isRoot,
    cgroups: cgroupVersion(await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')),
    namespaces:
      isRoot && !missingPrograms.some((name) => name === 'ip' || name === 'unshare') ? await tryNamespace() : true,
    missingPrograms,
    hasCniPlugins: cniBinaries() !== undefined,
    hasNginxLua: nginxModules() !== undefined,
    containerd: missingPrograms.includes('containerd') ? undefined : await containerdVersion(),
    hasApt: isInstalled('apt-get') && isInstalled('dpkg'),
  };
}

/** What the facts mean. Pure. */
export function judge(facts: MachineFacts): Verdict {
  if (facts.platform !== 'linux')
    return only(
      `this system is ${facts.platform}`,
      'use a Linux machine or a Linux virtual machine: containers need its kernel',
    );
  if (facts.architecture !== 'x64' && facts.architecture !== 'arm64')
    return only(`this processor is ${facts.architecture}`, 'use a machine with an x64 or arm64 processor');
  if (!facts.isRoot)
    return only('network namespaces and containers need root', 'run the command as root, for example with sudo');

  const problems: Problem[] = [];
  if (facts.cgroups === undefined)
    problems.push({ what: 'no cgroup hierarchy is mounted', remedy: 'mount cgroup2 on /sys/fs/cgroup' });
  if (facts.namespaces !== true)
    problems.push({
      what: `the kernel refuses a network namespace with a bridge (${facts.namespaces})`,
      remedy: 'run on a kernel with namespaces, bridge and veth, and with CAP_SYS_ADMIN and CAP_NET_ADMIN',
    });
  if (facts.containerd !== undefined && isOlder(facts.containerd))
    problems.push({
      what: `containerd ${facts.containerd.text} is too old`,
      remedy: 'install containerd 1.6 or newer',
    });

  const packages = [...new Set(facts.missingPrograms.map((program) => packageOf[program]!))];
  if (!facts.hasCniPlugins) packages.push(pluginPackage);
  if (!facts.hasNginxLua) packages.push(nginxLuaPackage);
  if (packages.length > 0 && !facts.hasApt) {
    const missing = [
      ...facts.missingPrograms,
      ...(facts.hasCniPlugins ? [] : ['the CNI plugins ptp, host-local, loopback']),
      ...(facts.hasNginxLua ? [] : ["nginx' module for Lua"]),
    ];
    problems.push({
      what: `not installed: ${missing.join(', ')}`,
      remedy: `install what your distribution calls ${packages.join(', ')}; the plugins belong into /opt/cni/bin`,
    });
    return { problems, packages: [] };
  }
  return { problems, packages };
}

function only(what: string, remedy: string): Verdict {
  return { problems: [{ what, remedy }], packages: [] };
}

function isOlder(version: ContainerdVersion): boolean {
  const { major, minor } = oldestContainerd;
  return version.major < major || (version.major === major && version.minor < minor);
}

function isInstalled(program: string): boolean {
  return pathWithSystem()
    .split(':')
    .some((folder) => existsSync(join(folder, program)));
}

/** Makes and drops a namespace with what a node has in it. */
async function tryNamespace(): Promise<true | string> {
  const input = 'link add name trial type bridge\nlink add name trial0 type veth peer name trial1\n';
  try {
    await run('unshare', ['--net', 'ip', '-batch', '-'], { input });
    return true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.stderr.trim().split('\n')[0] ?? error.message;
  }
}
