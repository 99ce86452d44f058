import type { Clock } from '../base/clock.ts';
import type { LeaseId, Store } from './store.ts';

/** How long one lease is given to further keys, and to how many (apiserver/pkg/storage/etcd3/lease_manager.go). */
const reuse = { ms: 60_000, shareOfTtl: 0.05, keys: 1000 };

interface Current {
  lease: LeaseId | Promise<LeaseId>;
  /** Monotonic milliseconds until which it is given away. */
  readonly until: number;
  keys: number;
}

/**
 * Leases for keys that live for about the same time: one is shared by those that come within a minute, so that a store has
 * few of them. Keys then live up to a minute longer than asked for, never shorter.
 */
export class LeaseReuse {
  readonly #store: Pick<Store, 'grantLease'>;
  readonly #clock: Clock;
  /** By the time to live. */
  readonly #current = new Map<number, Current>();

  constructor(store: Pick<Store, 'grantLease'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** A lease that does not end before `ttlMs` are over; at once where there is one. */
  leaseFor(ttlMs: number): LeaseId | Promise<LeaseId> {
    const now = this.#clock.monotonic();
    let current = this.#current.get(ttlMs);
    if (current === undefined || now > current.until || current.keys >= reuse.keys) {
      const reuseMs = Math.min(reuse.ms, ttlMs * reuse.shareOfTtl);
      current = { lease: '', until: now + reuseMs, keys: 0 };
      current.lease = this.#grant(current, ttlMs, ttlMs + reuseMs);
      this.#current.set(ttlMs, current);
    }
    current.keys++;
    return current.lease;
  }

  async #grant(current: Current, ttlMs: number, leaseMs: number): Promise<LeaseId> {
    try {
      return (current.lease = await this.#store.grantLease(leaseMs));
    } catch (error) {
      if (this.#current.get(ttlMs) === current) this.#current.delete(ttlMs);
      throw error;
    }
  }
}
