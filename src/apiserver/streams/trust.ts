import type { SecureContextOptions } from 'node:tls';

/**
 * Whom the client of a backend believes by its configured bundle (PEM in Base64), as Go does: any certificate of a
 * bundle ends a chain, also one that another authority has issued. Without a bundle it is Node's own authorities.
 */
export function trustIn(caBundle: string | undefined): Pick<SecureContextOptions, 'ca' | 'allowPartialTrustChain'> {
  return caBundle ? { ca: Buffer.from(caBundle, 'base64'), allowPartialTrustChain: true } : {};
}
