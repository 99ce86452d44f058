import type { CertificateSigningRequestSpec } from '../../../api/certificates/v1/types.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { dnsLabel, dnsSubdomain } from '../../../apimachinery/names.ts';
import { duplicate, invalid, required, tooLong } from '../../../apimachinery/validation.ts';
import { readSigningRequest } from '../../auth/signing-request.ts';
import { checkOneOf, complain, type Errors } from '../checks.ts';

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const shortestSeconds = 600;
const longestDomain = 253;
/** A domain, and the name of an object in a namespace. */
const longestSignerName = longestDomain + 1 + 253 + 63 + 1;

export function checkSpec(errors: Errors, spec: Readonly<CertificateSigningRequestSpec>): void {
  checkRequest(errors, spec.request);
  const wanted: readonly string[] = spec.usages ?? [];
  if (wanted.length === 0) errors.push(required('spec.usages'));
  wanted.forEach((usage, index) => checkOneOf(errors, `spec.usages[${index}]`, usage, usages));
  wanted.forEach((usage, index) => {
    if (wanted.indexOf(usage) < index) errors.push(duplicate(`spec.usages[${index}]`, usage));
  });
  checkSignerName(errors, 'spec.signerName', spec.signerName ?? '');
  const { expirationSeconds } = spec;
  if (expirationSeconds !== undefined && expirationSeconds < shortestSeconds)
    errors.push(
      invalid(
        'spec.expirationSeconds',
        expirationSeconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    );
}

function checkRequest(errors: Errors, request: string | undefined): void {
  try {
    readSigningRequest(Buffer.from(request ?? '', 'base64').toString('latin1'));
  } catch (error) {
    errors.push(invalid('spec.request', request ?? null, (error as Error).message));
  }
}

/** `example.com/signer-name`. */
function checkSignerName(errors: Errors, field: string, name: string): void {
  if (name === '') return void errors.push(required(field));
  if (name === 'kubernetes.io/legacy-unknown')
    return void errors.push(invalid(field, name, 'the legacy signerName is not allowed via this API version'));
  const parts = name.split('/');
  if (parts.length !== 2)
    return void errors.push(
      invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"),
    );
  const [domain, path] = parts as [string, string];
  const labels = domain.split('.');
  if (byteLength(domain) > longestDomain) errors.push(tooLong(field, longestDomain));
  checkFirstBad(errors, field, domain, labels, dnsLabel);
  if (labels.length < 2)
    errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  checkFirstBad(errors, field, path, path.split('.'), dnsSubdomain);
  if (byteLength(name) > longestSignerName) errors.push(tooLong(field, longestSignerName));
}

function checkFirstBad(
  errors: Errors,
  field: string,
  value: string,
  labels: readonly string[],
  rule: (label: string) => string[],
): void {
  for (const label of labels) {
    const complaints = rule(label);
    if (complaints.length === 0) continue;
    complain(
      errors,
      field,
      value,
      complaints.map((complaint) => `validating label ${JSON.stringify(label)}: ${complaint}`),
    );
    return;
  }
}
