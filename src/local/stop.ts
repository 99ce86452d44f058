import { rm } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { belongingsOf } from './belongings.ts';
import { hostNamesOf, requireCluster } from './cluster-config.ts';
import { lockCluster } from './down.ts';
import { removeHostNetwork } from './network.ts';
import { clusterPaths, type Home } from './paths.ts';
import { isSupervised } from './supervisor-process.ts';
import { endProcesses, releaseKernel } from './sweep.ts';

export interface StopOptions {
  readonly home: Home;
  readonly name: string;
  readonly clock: Clock;
}

/**
 * Ends all that runs of a cluster, and what the kernel and `/run` have of it; its objects, images, volumes and addresses
 * stay. Answers whether it ran before. Rejects with {@link UserError} when there is no such cluster.
 */
export async function stopCluster({ home, name, clock }: StopOptions): Promise<boolean> {
  await requireCluster(home, name);
  await using lock = await lockCluster(home, name);
  void lock;
  const paths = clusterPaths(home, name);
  const ran = await isSupervised(paths);
  const belongings = await belongingsOf(home, name);
  await endProcesses(belongings, clock, { politely: true });
  await releaseKernel(belongings, clock);
  await removeHostNetwork(hostNamesOf(home, name));
  await rm(paths.run, { recursive: true, force: true });
  return ran;
}
