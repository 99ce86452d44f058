import { X509Certificate } from 'node:crypto';
import { backoffDelay, type BackoffPolicy } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Identity } from '../../local/identity.ts';

export interface Renewal {
  /** For the log. */
  readonly name: string;
  /** What there is at first. */
  readonly identity: Identity;
  /** Gets the next one. May fail; it is tried again. */
  order(): Promise<Identity>;
  /** Keeps the next one, and works with it from then on. */
  use(identity: Identity): Promise<void>;
}

/** Machines sleep and have their clocks set: how late it is, is looked at again and again. */
const longestSleepMs = 3_600_000;
const retries: BackoffPolicy = { initialMs: 1000, maximumMs: 300_000, jitter: 0.5 };

/** Has an identity replaced well before it ends, again and again, until `signal` aborts. */
export async function keepRenewed(
  { name, identity, order, use }: Renewal,
  { clock, random, log, signal }: { clock: Clock; random: Random; log: Logger; signal: AbortSignal },
): Promise<void> {
  let present = identity;
  let due = renewalTime(present, random);
  let failures = 0;
  try {
    for (;;) {
      for (let left = due - clock.now(); left > 0; left = due - clock.now())
        await clock.sleep(Math.min(left, longestSleepMs), signal);
      signal.throwIfAborted();
      try {
        present = await order();
        await use(present);
        [failures, due] = [0, renewalTime(present, random)];
        log.info('Certificate renewed', { certificate: name, until: new X509Certificate(present.certificate).validTo });
      } catch (error) {
        signal.throwIfAborted();
        log.warn('Certificate not renewed', { certificate: name, error });
        await clock.sleep(backoffDelay(retries, ++failures, random), signal);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * When to ask for the next one, as wall time in milliseconds: after 70 to 90 % of the certificate's life, as kubelets do,
 * so that not all of a cluster ask at once.
 */
export function renewalTime({ certificate }: Identity, random: Random): number {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return from + (to - from) * (0.7 + 0.2 * random.next());
}
