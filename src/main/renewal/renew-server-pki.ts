import { isGoodUntil } from '../../apiserver/auth/certificates.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { renewalMs, type ServerPki } from '../pki.ts';

export interface ServerRenewal {
  /** What the server works with at first. */
  readonly pki: ServerPki;
  /** Makes anew what has little time left. */
  renew(): Promise<ServerPki>;
  /** Works with these from then on. */
  use(pki: ServerPki): void;
}

/** Machines sleep, and a failure is followed by another attempt. */
const lookEveryMs = 6 * 3_600_000;

/** Has the certificates of a server that runs for long replaced before they end, until `signal` aborts. */
export async function renewServerPki(
  { pki, renew, use }: ServerRenewal,
  { clock, log, signal }: { clock: Clock; log: Logger; signal: AbortSignal },
): Promise<void> {
  let present = pki;
  while (!signal.aborted) {
    await clock.sleep(lookEveryMs, signal).catch(() => undefined);
    if (signal.aborted || isGoodFor(present, clock.now() + renewalMs)) continue;
    try {
      present = await renew();
      use(present);
      log.info('Certificates of the server renewed');
    } catch (error) {
      log.error('Certificates of the server not renewed', { error });
    }
  }
}

function isGoodFor({ authority, server, kubeletClient, admin }: ServerPki, until: number): boolean {
  return [server, kubeletClient, admin].every((one) => isGoodUntil(one, authority, until));
}
