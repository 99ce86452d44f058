import type { CertificateSigningRequest } from '../../api/certificates/v1/types.ts';

export const identity = 'certificate-controller';

/** The text of a field that holds base64. */
export function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

export function hasCondition({ status }: Readonly<CertificateSigningRequest>, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type) === true;
}

export function isIssued({ status }: Readonly<CertificateSigningRequest>): boolean {
  return (status?.certificate ?? '') !== '';
}
