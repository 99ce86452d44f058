import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { removeFromKubeconfigs, type KubeconfigPlace } from '../client/node/kubeconfig.ts';
import { belongingsOf } from './belongings.ts';
import { clusterNames, contextName, hostNamesOf } from './cluster-config.ts';
import { takeLock } from './lock.ts';
import { anyHostNetwork, removeHostNetwork } from './network.ts';
import { clusterPaths, clustersFolder, type Home } from './paths.ts';
import { UserError } from './problem.ts';
import { endProcesses, removeEmptyFolders, removeTraces } from './sweep.ts';

export interface DownOptions {
  readonly home: Home;
  readonly name: string;
  readonly kubeconfig: KubeconfigPlace;
  readonly clock: Clock;
}

/**
 * Removes a cluster with all that belongs to it, also one that was only half made. Rejects with {@link UserError} when
 * there is none.
 */
export async function down(options: DownOptions): Promise<void> {
  const { home, name } = options;
  if (!(await clusterNames(home)).includes(name))
    throw new UserError(
      `Cannot take down cluster "${name}": there is none of this name; "kubeling list" shows those that are`,
    );
  await using lock = await lockCluster(home, name);
  void lock;
  await removeCluster(options);
}

/** As {@link down}, for whoever holds the cluster's lock. Succeeds when nothing is there. */
export async function removeCluster({ home, name, kubeconfig, clock }: DownOptions): Promise<void> {
  const belongings = await belongingsOf(home, name);
  await endProcesses(belongings, clock);
  await removeHostNetwork(hostNamesOf(home, name));
  await removeFromKubeconfigs(kubeconfig, contextName(name), clock);
  await removeTraces(belongings, clock);
  await restoreHost(home);
}

/** Holds other commands off a cluster. Rejects when one is at work on it. */
export async function lockCluster(home: Home, name: string): Promise<AsyncDisposable> {
  const lock = await takeLock(`cluster ${clusterPaths(home, name).data}`);
  if (lock === undefined)
    throw new UserError(
      `Cannot change cluster "${name}": another kubeling command is at work on it; wait for it to end`,
    );
  return lock;
}

/** There while this machine passes packets on only because of Kubeling. */
export function forwardingNote(home: Home): string {
  return join(home.run, 'forwarding');
}

/** Takes back what the last cluster leaves behind on the machine. */
async function restoreHost(home: Home): Promise<void> {
  if ((await clusterNames(home)).length > 0) return;
  if (existsSync(forwardingNote(home)) && !(await anyHostNetwork())) {
    await writeFile('/proc/sys/net/ipv4/ip_forward', '0');
  }
  await rm(forwardingNote(home), { force: true });
  await removeEmptyFolders([home.run, clustersFolder(home), home.data]);
}
