import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemClock } from '../../src/base/system-clock.ts';
import { listProcesses, signal, type RunningProcess } from '../../src/base/node/processes.ts';
import { clusterNames } from '../../src/local/cluster-config.ts';
import { removeCluster } from '../../src/local/down.ts';
import type { HostNames } from '../../src/local/network-plan.ts';
import { removeHostNetwork } from '../../src/local/network.ts';
import type { Home } from '../../src/local/paths.ts';
import { endProcesses, removeTraces } from '../../src/local/sweep.ts';

/** What a test makes on this machine beside its own process. Plain data: it is told to another process. */
export interface Remains {
  /** All files are below it, and whatever runs names it, works there or has it in its environment. */
  readonly folder: string;
  /** Where clusters are, if it makes any. */
  readonly home?: Home;
  /** Files on which network namespaces are mounted. */
  readonly namespaces?: readonly string[];
  readonly cgroup?: string;
  /** What it has in the host's network. */
  readonly network?: HostNames;
}

/** Removes it all, however little of it is there. */
export async function removeRemains({ folder, home, namespaces = [], cgroup, network }: Remains): Promise<void> {
  await endCommands(folder);
  if (home !== undefined)
    for (const name of await clusterNames(home)) {
      const kubeconfig = { explicit: join(folder, 'kubeconfig'), home: folder };
      await removeCluster({ home, name, kubeconfig, clock: systemClock });
    }
  const belongings = { folders: [folder], namespaces, cgroup: cgroup ?? testCgroup(folder) };
  await endProcesses(belongings, systemClock);
  if (network !== undefined) await removeHostNetwork(network);
  await removeTraces(belongings, systemClock);
}

/** The cgroup for what a test runs below a folder. */
export function testCgroup(folder: string): string {
  return `/kubeling-test/${basename(folder)}`;
}

/** A command of a test, such as `up`, names no folder, and would go on making what is being removed. */
async function endCommands(folder: string): Promise<void> {
  for (;;) {
    const all = await listProcesses();
    const found = await Promise.all(all.map((process) => hasInEnvironment(process, folder)));
    const left = all.filter(({ pid }, index) => found[index] && pid !== process.pid);
    if (left.length === 0) return;
    for (const one of left) await signal(one, 'SIGKILL');
    await systemClock.sleep(10);
  }
}

async function hasInEnvironment({ pid }: RunningProcess, folder: string): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''); // ended meanwhile, or another user's
  return text.split('\0').some((entry) => {
    const value = entry.slice(entry.indexOf('=') + 1);
    return value === folder || value.startsWith(`${folder}/`);
  });
}
