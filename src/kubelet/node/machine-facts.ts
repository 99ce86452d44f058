import { release } from 'node:os';
import { readFile, statfs } from 'node:fs/promises';
import type { Observation, Observations } from '../eviction/thresholds.ts';
import type { MachineFacts } from './node-facts.ts';

/** What is known of a node of this machine. `folder` is on the disk that pods share. */
export async function machineFacts(
  folder: string,
  { cpus, memoryBytes }: Pick<MachineFacts, 'cpus' | 'memoryBytes'>,
): Promise<MachineFacts> {
  const [machineId, bootId, systemUuid, osRelease, disk] = await Promise.all([
    text('/etc/machine-id'),
    text('/proc/sys/kernel/random/boot_id'),
    text('/sys/class/dmi/id/product_uuid'),
    text('/etc/os-release'),
    statfs(folder),
  ]);
  return {
    cpus,
    memoryBytes,
    diskBytes: disk.blocks * disk.bsize,
    architecture: architectures[process.arch] ?? process.arch,
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux',
    kernelVersion: release(),
    machineId: machineId || bootId.replaceAll('-', ''),
    systemUuid: systemUuid || machineId || bootId,
    bootId,
  };
}

const architectures: Partial<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * What is left on the machine of what pods need; of its memory the node may have no more than `memory`. Pods, logs and
 * images lie on one disk, that of `folder`.
 */
export async function machineObservations(folder: string, memory: Observation): Promise<Observations> {
  const [memoryInfo, disk, loadAverage, mostProcesses] = await Promise.all([
    text('/proc/meminfo'),
    statfs(folder),
    text('/proc/loadavg'),
    text('/proc/sys/kernel/pid_max'),
  ]);
  const freeBytes = Number(/^MemAvailable:\s+(\d+)/m.exec(memoryInfo)?.[1] ?? Infinity) * 1024;
  const processes = Number(/\/(\d+)/.exec(loadAverage)?.[1] ?? 0);
  const mostPids = Number(mostProcesses);
  const bytes = { available: disk.bavail * disk.bsize, capacity: disk.blocks * disk.bsize };
  const inodes = { available: disk.ffree, capacity: disk.files };
  return {
    'memory.available': { ...memory, available: Math.min(freeBytes, memory.available) },
    'nodefs.available': bytes,
    'imagefs.available': bytes,
    'nodefs.inodesFree': inodes,
    'imagefs.inodesFree': inodes,
    ...(mostPids > 0 && { 'pid.available': { available: mostPids - processes, capacity: mostPids } }),
  };
}

async function text(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}
