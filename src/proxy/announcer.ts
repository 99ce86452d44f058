import { abortable } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { keyText } from '../apimachinery/object.ts';
import type { AnnouncedAddresses } from './announced-addresses.ts';
import { announcedBy } from './announcement.ts';
import { BatchLoop } from './batch-loop.ts';
import type { NodeView } from './node-view.ts';
import type { Proxy } from './proxy.ts';

export interface AnnouncerOptions {
  readonly proxy: Proxy;
  readonly node: Omit<NodeView, 'zone'>;
  readonly addresses: AnnouncedAddresses;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Heartbeats of nodes come often and seldom mean anything here. */
const gatherMs = 50;
/** Well within the time for which an address stays, so that a slow moment or two cost nothing. */
const renewMs = 10_000;
/** Who could not renew for so long has slept, and what it knows is old: others may answer for its addresses by now. */
const asleepMs = 30_000;
/** How long somebody who has slept listens to the news before it acts. */
const catchUpMs = 5_000;

/**
 * Keeps on the node the addresses of load balancers that are its to answer for, until the signal aborts. They stay then
 * until their time is over: connections go on while the agent is replaced, and end where it does not come back.
 */
export async function keepAnnouncing(options: AnnouncerOptions): Promise<void> {
  const { proxy, node, addresses, clock, random, log, signal } = options;
  const { services, slices, nodes } = proxy;
  await abortable(proxy.started, signal).catch(() => undefined);
  if (signal.aborted) return;
  /** Unset: it is to be looked up, and to be renewed. */
  let there: ReadonlySet<string> | undefined;
  let renewedAt = clock.monotonic();
  const loop = new BatchLoop({
    clock,
    random,
    signal,
    gatherMs,
    onFailure: (error, retryMs) => {
      there = undefined;
      log.error('addresses of load balancers were not changed', { error: String(error), retryMs });
    },
    async work() {
      if (clock.monotonic() - renewedAt > asleepMs) {
        there = undefined;
        await clock.sleep(catchUpMs, signal);
      }
      const beganAt = clock.monotonic();
      const slicesOf = ({ metadata }: { metadata: { namespace?: string; name: string } }) =>
        slices.byIndex('service', keyText(metadata));
      const wanted = new Set(announcedBy(node, { services: services.list(), slicesOf, nodes: nodes.list() }));
      const known = there ?? new Set(await addresses.list());
      const { remove, add, keep } = planAddresses(wanted, known);
      const isRenewal = there === undefined;
      if (isRenewal && keep.length > 0) await addresses.renew(keep);
      for (const address of remove) await addresses.remove(address);
      for (const address of add) await addresses.add(address);
      if (isRenewal) renewedAt = beganAt;
      there = wanted;
      if (add.length + remove.length > 0) log.info('addresses of load balancers changed', { add, remove });
    },
  });
  const stops = [services, slices, nodes].map((informer) => informer.onChange(() => loop.news()));
  loop.news();
  await Promise.all([loop.run(), renewing()]);
  for (const stop of stops) stop();

  async function renewing(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(renewMs, signal).catch(() => undefined);
      if (there?.size === 0) {
        renewedAt = clock.monotonic(); // of nothing, which does not end
        continue;
      }
      there = undefined;
      loop.news();
    }
  }
}

/** What makes of the addresses that are there those that are wanted. */
function planAddresses(
  wanted: ReadonlySet<string>,
  there: ReadonlySet<string>,
): Readonly<Record<'remove' | 'add' | 'keep', string[]>> {
  return {
    remove: [...there].filter((address) => !wanted.has(address)),
    add: [...wanted].filter((address) => !there.has(address)),
    keep: [...wanted].filter((address) => there.has(address)),
  };
}
