import type { Clock } from '../base/clock.ts';
import { LeaseNotFoundError, type LeaseId } from './store.ts';

/**
 * Leases of the stores in this process. A lease is the time at which it ends, in whole seconds of wall time: so none has
 * to be kept anywhere, and all that end in one second are one.
 */
export function leaseEndingIn(ttlMs: number, clock: Clock): LeaseId {
  return String(Math.ceil((clock.now() + Math.max(0, ttlMs)) / 1000));
}

/** When a lease ends, in wall milliseconds; 0: never. Throws {@link LeaseNotFoundError} if it has. */
export function endOfLease(lease: LeaseId | undefined, clock: Clock): number {
  if (lease === undefined) return 0;
  const end = /^\d{1,12}$/.test(lease) ? Number(lease) * 1000 : 0;
  if (end <= clock.now()) throw new LeaseNotFoundError(lease);
  return end;
}
