import { release } from 'node:os';
import { readFile, statfs } from 'node:fs/promises';
import type { MachineFacts, Pressure } from './node-facts.ts';

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

const leastMemoryBytes = 100 * 1024 * 1024;
/** Shares of the disk: low, for nodes on one machine share it with everything else that is on it. */
const leastDisk = 0.01;
const leastInodes = 0.01;
const leastProcesses = 0.02;

/** Whether the machine runs short of something that pods need, or the node of its `leftBytes` of memory. */
export async function machinePressure(folder: string, leftBytes = Infinity): Promise<Pressure> {
  const [memory, disk, loadAverage, mostProcesses] = await Promise.all([
    text('/proc/meminfo'),
    statfs(folder),
    text('/proc/loadavg'),
    text('/proc/sys/kernel/pid_max'),
  ]);
  const available = Number(/^MemAvailable:\s+(\d+)/m.exec(memory)?.[1] ?? Infinity) * 1024;
  const processes = Number(/\/(\d+)/.exec(loadAverage)?.[1] ?? 0);
  const inodesShort = disk.files > 0 && disk.ffree < disk.files * leastInodes;
  return {
    memory: Math.min(available, leftBytes) < leastMemoryBytes,
    disk: disk.bavail < disk.blocks * leastDisk || inodesShort,
    processes: processes > Number(mostProcesses || Infinity) * (1 - leastProcesses),
  };
}

async function text(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}
