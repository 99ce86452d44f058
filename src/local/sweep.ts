import { readdir, readFile, readlink, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Belongings } from './belongings.ts';
import { removeCgroupIfEmpty, removeCgroups } from './cgroups.ts';
import { removeNamespace } from './network.ts';
import { run } from '../base/node/command.ts';
import { isSupervisor } from './supervisor-process.ts';
import { isRunning, listProcesses, signal, type ProcessIdentity, type RunningProcess } from '../base/node/processes.ts';

/** How long processes may take to end by themselves, in milliseconds. */
const patienceMs = 5_000;
const containerPatienceMs = 2_000;
const rounds = 20;
const roundMs = 500;
const pollMs = 10;

export interface EndOptions {
  /** Containers get SIGTERM, and a little time to end by themselves. */
  readonly politely?: boolean;
}

/**
 * Ends every process of a cluster: supervisors first (they would start the others again), then servers and agents with
 * time to finish their work, then all the rest at once. Rejects when something does not end.
 */
export async function endProcesses(
  belongings: Belongings,
  clock: Clock,
  { politely = false }: EndOptions = {},
): Promise<void> {
  const runs = (process: RunningProcess, ...commands: string[]): boolean =>
    isProgramOf(process, belongings) && process.commandLine.some((word) => commands.includes(word));
  const supervises = (process: RunningProcess): boolean => isProgramOf(process, belongings) && isSupervisor(process);
  await endAll(belongings, clock, supervises, 'SIGKILL');
  const isPatient = (process: RunningProcess): boolean => runs(process, 'server', 'agent');
  await ask(belongings, clock, isPatient, patienceMs);
  if (politely) await ask(belongings, clock, (process) => isContained(process, belongings), containerPatienceMs);
  await endAll(belongings, clock, () => true, 'SIGKILL');
}

/** Asks processes to end, and waits a while for it. */
async function ask(
  belongings: Belongings,
  clock: Clock,
  which: (process: RunningProcess) => boolean,
  waitMs: number,
): Promise<void> {
  const asked = (await processesOf(belongings)).filter(which);
  for (const process of asked) await signal(process, 'SIGTERM');
  await untilEnded(asked, clock, waitMs);
}

async function endAll(
  belongings: Belongings,
  clock: Clock,
  which: (process: RunningProcess) => boolean,
  name: NodeJS.Signals,
): Promise<void> {
  for (let round = 0; ; round++) {
    const left = (await processesOf(belongings)).filter(which);
    if (left.length === 0) return;
    if (round === rounds)
      throw new Error(`Cannot end the processes ${left.map(({ pid }) => pid).join(', ')}: they stay after ${name}`);
    for (const process of left) await signal(process, name);
    await untilEnded(left, clock, roundMs);
  }
}

/** To look at a few processes is much cheaper than to look for them. */
async function untilEnded(processes: readonly ProcessIdentity[], clock: Clock, waitMs: number): Promise<void> {
  const limit = clock.monotonic() + waitMs;
  let left = processes;
  for (;;) {
    const running = await Promise.all(left.map(isRunning));
    left = left.filter((_, index) => running[index]);
    if (left.length === 0 || clock.monotonic() >= limit) return;
    await clock.sleep(pollMs);
  }
}

/** Every process that belongs to the cluster, but for this one and those that started it. */
export async function processesOf(belongings: Belongings): Promise<RunningProcess[]> {
  const namespaces = new Set<string>();
  for (const file of belongings.namespaces) {
    const inode = await stat(file).catch(() => undefined);
    if (inode !== undefined) namespaces.add(`net:[${inode.ino}]`);
  }
  namespaces.delete(await readlink('/proc/self/ns/net'));
  const all = await listProcesses();
  const spared = ancestors(all, process.pid);
  return all.filter((process) => !spared.has(process.pid) && belongs(process, belongings, namespaces));
}

function belongs(process: RunningProcess, belongings: Belongings, namespaces: ReadonlySet<string>): boolean {
  if (namespaces.has(process.network)) return true;
  return isContained(process, belongings) || isProgramOf(process, belongings);
}

function isContained({ cgroups }: RunningProcess, { cgroup }: Belongings): boolean {
  return cgroups.some((path) => path === cgroup || path.startsWith(`${cgroup}/`));
}

/** Programs that a cluster runs; others that name a file of it (a pager, say) are the user's. */
const programs = ['node', 'sh', 'nsenter', 'containerd', 'containerd-shim-runc-v2', 'runc', 'ctr'];

function isProgramOf({ commandLine, folder }: RunningProcess, { folders }: Belongings): boolean {
  // nginx writes what it does over its command line, so it is known by where it works.
  if (commandLine[0]?.startsWith('nginx: ')) return folders.some((one) => folder.startsWith(`${one}/`));
  if (!programs.includes(basename(commandLine[0] ?? ''))) return false;
  return commandLine.some((word) => folders.some((folder) => word === folder || word.startsWith(`${folder}/`)));
}

function ancestors(all: readonly RunningProcess[], pid: number): Set<number> {
  const parents = new Map(all.map((process) => [process.pid, process.parent]));
  const found = new Set<number>();
  for (let at: number | undefined = pid; at !== undefined && at > 0 && !found.has(at); at = parents.get(at))
    found.add(at);
  return found;
}

/** Removes namespaces, mounts, cgroups and sockets of what has no processes any more. Rejects when something stays. */
export async function releaseKernel(belongings: Belongings, clock: Clock): Promise<void> {
  for (const namespace of belongings.namespaces) await removeNamespace(namespace);
  for (const folder of belongings.folders) await removeShimSockets(folder);
  await unmountBelow(belongings.folders);
  await removeCgroups(belongings.cgroup, clock);
  await removeCgroupIfEmpty(dirname(belongings.cgroup));
}

/** As {@link releaseKernel}, and removes the files too. */
export async function removeTraces(belongings: Belongings, clock: Clock): Promise<void> {
  await releaseKernel(belongings, clock);
  for (const folder of belongings.folders) await rm(folder, { recursive: true, force: true });
}

/** Removes folders that have become empty. */
export async function removeEmptyFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rmdir(folder).catch(() => {});
}

/** Mount points at or below the folders, deepest first, from the text of `/proc/self/mountinfo`. */
export function mountsBelow(mountinfo: string, folders: readonly string[]): string[] {
  const points = mountinfo
    .split('\n')
    .map((line) => unescapeMount(line.split(' ')[4] ?? ''))
    .filter((point) => folders.some((folder) => point === folder || point.startsWith(`${folder}/`)));
  return points.reverse();
}

async function unmountBelow(folders: readonly string[]): Promise<void> {
  const points = mountsBelow(await readFile('/proc/self/mountinfo', 'utf8'), folders);
  if (points.length > 0) await run('umount', ['--lazy', ...points]);
  const left = mountsBelow(await readFile('/proc/self/mountinfo', 'utf8'), folders);
  if (left.length > 0) throw new Error(`Cannot remove the cluster's files: something is mounted at ${left.join(', ')}`);
}

/** The kernel writes spaces, tabs, line ends and backslashes in octal. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** A container's shim listens on a socket outside our folders; it notes where in the container's bundle. */
async function removeShimSockets(folder: string): Promise<void> {
  const notes = await filesNamed(folder, ['address', 'bootstrap.json'], 6);
  for (const note of notes) {
    const socket = /unix:\/\/(\/run\/containerd\/s\/[0-9a-f]+)/.exec(await readFile(note, 'utf8').catch(() => ''))?.[1];
    if (socket !== undefined) await rm(socket, { force: true });
  }
  await removeEmptyFolders(['/run/containerd/s', '/run/containerd']);
}

/** Notes are in `NODE/containerd/io.containerd.runtime.v2.task/NAMESPACE/CONTAINER/`. */
async function filesNamed(folder: string, names: readonly string[], depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const here = entries
    .filter((entry) => entry.isFile() && names.includes(entry.name))
    .map(({ name }) => join(folder, name));
  if (depth === 0) return here;
  const skipped = ['rootfs', 'root', 'io.containerd.content.v1.content'];
  const folders = entries.filter((entry) => entry.isDirectory() && !skipped.includes(entry.name));
  const below = await Promise.all(folders.map(({ name }) => filesNamed(join(folder, name), names, depth - 1)));
  return [...here, ...below.flat()];
}
