import { systemClock } from '../../base/system-clock.ts';
import { startNode, stopNode } from '../../local/node-power.ts';
import { startCluster } from '../../local/start.ts';
import { stopCluster } from '../../local/stop.ts';
import { performSteps, requireRoot, seconds, startOptions } from './cluster.ts';
import { homeOf, preparePrograms } from './environment.ts';

interface Flags {
  readonly name: string;
  readonly kubeconfig?: string;
}

/** Stops a cluster; its data stays. */
export async function stopCommand({ name }: Flags): Promise<void> {
  requireRoot();
  const ran = await stopCluster({ home: homeOf(), name, clock: systemClock });
  process.stdout.write(ran ? `Cluster "${name}" is stopped\n` : `Cluster "${name}" was stopped already\n`);
}

/** Brings a cluster back that was stopped, or that a reboot has stopped. */
export async function startCommand(flags: Flags, signal: AbortSignal): Promise<void> {
  requireRoot();
  const { name } = flags;
  const began = systemClock.monotonic();
  await preparePrograms();
  const started = await startCluster(startOptions(flags, signal), (steps) => performSteps(steps, signal));
  process.stdout.write(
    started ? `Cluster "${name}" is ready after ${seconds(began)} s\n` : `Cluster "${name}" was running already\n`,
  );
}

/** Turns a node off, with all that runs on it. */
export async function nodeStopCommand(node: string, { name }: Flags): Promise<void> {
  requireRoot();
  const ran = await stopNode({ home: homeOf(), name, clock: systemClock }, node);
  process.stdout.write(ran ? `Node "${node}" is stopped\n` : `Node "${node}" was stopped already\n`);
}

/** Turns a node on again. */
export async function nodeStartCommand(node: string, flags: Flags, signal: AbortSignal): Promise<void> {
  requireRoot();
  const began = systemClock.monotonic();
  await preparePrograms();
  const started = await startNode(startOptions(flags, signal), node, (steps) => performSteps(steps, signal));
  process.stdout.write(
    started ? `Node "${node}" is ready after ${seconds(began)} s\n` : `Node "${node}" was running already\n`,
  );
}
