import { X509Certificate } from 'node:crypto';

/** Who a certificate (PEM) is for: the user and the groups of a client. */
export function subjectOf(certificate: string): { readonly commonName: string; readonly organizations: string[] } {
  const { CN = '', O = [] } = new X509Certificate(certificate).toLegacyObject().subject;
  return { commonName: String(CN), organizations: [O].flat() };
}
