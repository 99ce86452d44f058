import { CertificateSigningRequests, type CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import type { CertificateAuthority } from './authority.ts';
import { decoded, hasCondition, identity, isIssued } from './request-state.ts';
import { signers } from './signers.ts';

const minuteMs = 60_000;
const longestMs = 365 * 24 * 60 * minuteMs;
const shortestMs = 10 * minuteMs;
/** Certificates are good from a little before now, for machines whose clocks differ. */
const slackMs = 5 * minuteMs;
/** Those that are good for less are good for as long as was asked for, counted from now. */
const shortMs = 8 * 60 * minuteMs;

/** Signs what was approved, for the signers that every cluster has. */
export function signingController(authority: CertificateAuthority): Controller<CertificateSigningRequest> {
  return {
    name: 'csrsigning',
    identity,
    for: CertificateSigningRequests,

    async reconcile(key, cluster) {
      const request = cluster.get(CertificateSigningRequests, key);
      if (request === undefined || isIssued(request) || !isToSign(request)) return settled;
      const { signerName, usages = [], expirationSeconds } = request.spec;
      const rule = signers[signerName];
      if (rule === undefined) return settled;
      const text = decoded(request.spec.request);
      const now = cluster.clock.now();
      const problem = rule(authority.read(text), usages);
      if (problem === undefined) {
        const certificate = await authority.sign(text, { usages, ...validity(expirationSeconds, now) });
        const status = { ...request.status, certificate: Buffer.from(certificate).toString('base64') };
        await cluster.updateStatus(CertificateSigningRequests, request, status);
        return settled;
      }
      const failed = {
        type: 'Failed',
        status: 'True',
        reason: 'SignerValidationFailure',
        message: problem,
        lastUpdateTime: rfc3339(now),
      };
      const conditions = [...(request.status?.conditions ?? []), failed];
      await cluster.updateStatus(CertificateSigningRequests, request, { ...request.status, conditions });
      return settled;
    },
  };
}

function isToSign(request: Readonly<CertificateSigningRequest>): boolean {
  return hasCondition(request, 'Approved') && !hasCondition(request, 'Denied') && !hasCondition(request, 'Failed');
}

/** When a certificate that was asked for `expirationSeconds` is good. */
export function validity(
  expirationSeconds: number | undefined,
  now: number,
): { readonly from: number; readonly until: number } {
  const wantedMs = expirationSeconds === undefined ? longestMs : expirationSeconds * 1000;
  const lastsMs = Math.min(Math.max(wantedMs, shortestMs), longestMs);
  const from = now - slackMs;
  return { from, until: (lastsMs < shortMs ? now : from) + lastsMs };
}
