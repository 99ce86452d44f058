import type { Node } from '../api/core/v1/types.ts';
import { abortable, linkedAbort, type LinkedAbort } from '../base/abort.ts';
import { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Informer } from '../client/informer.ts';
import { planRoutes, podRoutes } from './pod-routes.ts';
import type { RouteTable } from './route-table.ts';

export interface RouteKeeperOptions {
  /** All nodes of the cluster. */
  readonly nodes: Informer<Node>;
  /** The name of the node whose routes these are. */
  readonly self: string;
  readonly table: RouteTable;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const retry = { initialMs: 200, maximumMs: 30_000 };
/** Routes that someone else has removed come back within this time. */
const lookMs = 60_000;

/**
 * Keeps the routes from this node to the pods of all others, until the signal aborts. They stay then: pods go on talking
 * while the agent is replaced.
 */
export async function keepPodRoutes(options: RouteKeeperOptions): Promise<void> {
  const { nodes, self, table, clock, log, signal } = options;
  const backoff = new Backoff(retry);
  let wake: LinkedAbort | undefined;
  let wanted = '';
  await abortable(nodes.synced(), signal).catch(() => undefined);
  const forget = nodes.onChange(() => {
    // Most changes are heartbeats.
    if (JSON.stringify(podRoutes(nodes.list(), self)) !== wanted) wake?.abort();
  });
  while (!signal.aborted) {
    wake = linkedAbort(signal);
    const waitMs = await keep();
    await clock.sleep(waitMs, wake.signal).catch(() => undefined);
    wake[Symbol.dispose]();
  }
  forget();

  /** Resolves to when to look again if nothing happens. */
  async function keep(): Promise<number> {
    try {
      const there = await table.list();
      const routes = podRoutes(nodes.list(), self);
      wanted = JSON.stringify(routes);
      const plan = planRoutes(there, routes);
      if (plan.set.length + plan.remove.length > 0) {
        await table.change(plan);
        log.info('Pod routes changed', { set: plan.set, removed: plan.remove });
      }
      backoff.reset();
      return lookMs;
    } catch (error) {
      log.warn('Pod routes could not be kept', { error: String(error) });
      return backoff.next();
    }
  }
}
