import { Leases, type Lease } from '../api/coordination/v1/types.ts';
import type { ObjectKey } from '../apimachinery/object.ts';
import { isStatus } from '../apimachinery/status.ts';
import { abortable, deadline, linkedAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { rfc3339Micro } from '../apimachinery/time.ts';

export interface LeadershipOptions {
  readonly client: Client;
  readonly lease: ObjectKey;
  /** Distinct for every process. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** How long others wait for a leader that fell silent (default 15 s). */
  readonly leaseMs?: number;
  /** How long the leader tries to renew before it steps down (default 10 s). */
  readonly renewMs?: number;
  /** Pause between attempts (default 2 s). */
  readonly retryMs?: number;
}

/**
 * Calls `lead` whenever this process holds the Lease; its signal aborts when leadership is lost, and it must resolve
 * soon after. An attempt that gets no answer counts as failed when the time to renew is up, so a leader whose connection
 * hangs steps down before a rival may take over. A rival's silence is measured by our own clock, from when we saw its last renewal, so clocks may differ.
 * Resolves after `options.signal` aborts, with the Lease given back.
 */
export async function whileLeading(
  options: LeadershipOptions,
  lead: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { clock, log, signal, renewMs = 10_000, retryMs = 2000, random } = options;
  const election = new Election(options);
  while (!signal.aborted) {
    if (await election.tryToHold(renewMs)) {
      log.info('leadership taken', { lease: options.lease.name, identity: options.identity });
      await leadUntilLost(options, election, lead);
      if (!signal.aborted) log.warn('leadership lost', { lease: options.lease.name, identity: options.identity });
    }
    await clock.sleep(retryMs * (1 + 0.2 * random.next()), signal).catch(() => undefined);
  }
  await election.giveBack(renewMs);
}

async function leadUntilLost(
  options: LeadershipOptions,
  election: Election,
  lead: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { clock, renewMs = 10_000, retryMs = 2000 } = options;
  using term = linkedAbort(options.signal);
  const leading = lead(term.signal).finally(() => term.abort());
  let renewed = clock.monotonic();
  while (!term.signal.aborted) {
    await clock.sleep(retryMs, term.signal).catch(() => undefined);
    if (term.signal.aborted) break;
    if (await election.tryToHold(renewed + renewMs - clock.monotonic())) renewed = clock.monotonic();
    else if (clock.monotonic() - renewed >= renewMs || !election.holds) term.abort();
  }
  await leading;
}

class Election {
  readonly #options: LeadershipOptions;
  readonly #leaseMs: number;
  #seen: Lease | undefined;
  #seenAt = 0;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 15_000;
  }

  /** By the last state of the Lease that we know. */
  get holds(): boolean {
    return this.#seen?.spec?.holderIdentity === this.#options.identity;
  }

  /** Takes or renews the Lease; false if a living rival has it or the server does not answer within `limitMs`. */
  async tryToHold(limitMs: number): Promise<boolean> {
    const { clock, lease, log, signal } = this.#options;
    using limit = deadline(clock, limitMs, signal);
    try {
      return await abortable(this.#hold(), limit.signal);
    } catch (error) {
      if (!isStatus(error, 'Conflict', 'AlreadyExists') && !signal.aborted)
        log.warn('leader election failed', { lease: lease.name, error: String(error) });
      return false;
    }
  }

  async #hold(): Promise<boolean> {
    const { client, lease, identity, clock } = this.#options;
    const present = await this.#read();
    if (present === undefined) {
      this.#observe(await client.create(Leases, { metadata: { ...lease }, spec: this.#claim() }));
      return true;
    }
    const holder = present.spec?.holderIdentity ?? '';
    const rivalLives = holder !== '' && holder !== identity && clock.monotonic() - this.#seenAt < this.#leaseMs;
    if (rivalLives) return false;
    this.#observe(await client.update(Leases, { ...present, spec: { ...present.spec, ...this.#claim(present) } }));
    return true;
  }

  /** Lets the next one take over at once. */
  async giveBack(limitMs: number): Promise<void> {
    if (!this.holds || this.#seen === undefined) return;
    const now = rfc3339Micro(this.#options.clock.now());
    const spec = { ...this.#seen.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
    using limit = deadline(this.#options.clock, limitMs);
    const given = this.#options.client.update(Leases, { ...this.#seen, spec });
    await abortable(given, limit.signal).catch(() => undefined);
  }

  async #read(): Promise<Lease | undefined> {
    try {
      const lease = await this.#options.client.get(Leases, this.#options.lease);
      if (lease.metadata.resourceVersion !== this.#seen?.metadata.resourceVersion) this.#observe(lease);
      return lease;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #observe(lease: Lease): void {
    this.#seen = lease;
    this.#seenAt = this.#options.clock.monotonic();
  }

  #claim(present?: Lease): NonNullable<Lease['spec']> {
    const { identity, clock } = this.#options;
    const now = rfc3339Micro(clock.now());
    const mine = present?.spec?.holderIdentity === identity;
    const transitions = present?.spec?.leaseTransitions ?? 0;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#leaseMs / 1000),
      renewTime: now,
      acquireTime: mine ? present.spec?.acquireTime : now,
      leaseTransitions: mine || present === undefined ? transitions : transitions + 1,
    };
  }
}
