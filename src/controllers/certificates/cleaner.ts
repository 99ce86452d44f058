import { CertificateSigningRequests, type CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { againAfter, settled, type Controller } from '../../reconciler/controller.ts';
import type { CertificateAuthority } from './authority.ts';
import { decoded, identity, isIssued } from './request-state.ts';

const hourMs = 3_600_000;
const decidedMs = hourMs;
const pendingMs = 24 * hourMs;

/** Deletes requests that nobody needs any more: those that were decided, and those that nobody has looked at. */
export function requestCleaner(authority: Pick<CertificateAuthority, 'expiry'>): Controller<CertificateSigningRequest> {
  return {
    name: 'csrcleaner',
    identity,
    for: CertificateSigningRequests,

    async reconcile(key, cluster) {
      const request = cluster.get(CertificateSigningRequests, key);
      if (request === undefined) return settled;
      const until = keptUntil(request, authority.expiry);
      if (until === undefined) return settled;
      const leftMs = until - cluster.clock.now();
      // A little later than now, because what is due has to be past; and no timer is set for years.
      if (leftMs >= 0) return againAfter(Math.min(leftMs + 1, pendingMs));
      await cluster.delete(CertificateSigningRequests, request);
      return settled;
    },
  };
}

/** In milliseconds since the Unix epoch; `undefined`: for ever, as things are. */
export function keptUntil(
  request: Readonly<CertificateSigningRequest>,
  expiry: (certificate: string) => number,
): number | undefined {
  const { metadata, status: { conditions = [], certificate = '' } = {} } = request;
  if (conditions.length === 0) return Date.parse(metadata.creationTimestamp!) + pendingMs;
  const ends: number[] = [];
  for (const { type, lastUpdateTime } of conditions) {
    const isOver = type === 'Denied' || (type === 'Approved' && isIssued(request));
    if (isOver && lastUpdateTime !== undefined) ends.push(Date.parse(lastUpdateTime) + decidedMs);
    if (type === 'Approved' && isIssued(request)) ends.push(expiry(decoded(certificate)));
  }
  return ends.length === 0 ? undefined : Math.min(...ends);
}
