import { CertificateSigningRequests, type CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { deadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { Identity } from '../../local/identity.ts';

/** What a certificate is to say, and who signs such. */
export interface CertificateOrder {
  readonly signerName: string;
  readonly usages: readonly ('digital signature' | 'client auth' | 'server auth')[];
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
}

const pollMs = 1000;
const patienceMs = 300_000;

/**
 * Makes a key and has the cluster sign a certificate for it. Rejects when somebody decides against it, or nobody decides
 * within five minutes.
 */
export async function orderCertificate(
  client: Client,
  { signerName, usages, ...wanted }: CertificateOrder,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Identity> {
  // Loaded now, for it is needed once a year.
  const { newSigningRequest } = await import('../../apiserver/auth/certificates.ts');
  const { key, request } = await newSigningRequest(wanted);
  const { metadata } = await client.create(CertificateSigningRequests, {
    metadata: { name: '', generateName: 'csr-' },
    spec: { request: Buffer.from(request).toString('base64'), signerName, usages: [...usages] },
  });
  using limit = deadline(clock, patienceMs, signal);
  for (;;) {
    const certificate = certificateOf(await client.get(CertificateSigningRequests, metadata));
    if (certificate !== undefined) return { key, certificate };
    await clock.sleep(pollMs, limit.signal);
  }
}

/** `undefined`: not yet. Throws when there will be none. */
function certificateOf({ metadata, status = {} }: CertificateSigningRequest): string | undefined {
  const refusal = status.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
  if (refusal !== undefined)
    throw new Error(`Cannot get certificate "${metadata.name}": ${refusal.type}: ${refusal.message ?? refusal.reason}`);
  return status.certificate === undefined || status.certificate === ''
    ? undefined
    : Buffer.from(status.certificate, 'base64').toString('latin1');
}
