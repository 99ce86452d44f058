import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signingRequest } from '../../../test/kit/signing-requests.ts';
import { certificateProblem, readSigningRequest } from './signing-request.ts';

const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const algorithms = {
  'ECDSA on P-256': {},
  'ECDSA on P-384': { namedCurve: 'P-384', hash: 'SHA-384' },
  RSA: { name: 'RSASSA-PKCS1-v1_5', ...rsa },
  'RSA-PSS': { name: 'RSA-PSS', ...rsa, saltLength: 32 },
  Ed25519: { name: 'Ed25519' },
};
for (const [name, algorithm] of Object.entries(algorithms))
  test(`a request with a key for ${name} is read, and no other name is slipped in`, async () => {
    const pem = await signingRequest({ commonName: 'jane', organizations: ['devs', 'ops'], algorithm });
    const { commonName, organizations } = readSigningRequest(pem);
    assert.deepEqual([commonName, organizations], ['jane', ['devs', 'ops']]);
    const bytes = Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
    bytes.write('root', bytes.indexOf('jane'));
    assert.throws(() => readSigningRequest(inPem(bytes)), /verification/);
  });

test('all kinds of names are told apart', async () => {
  const names = [
    { type: 'dns', value: 'web.example' },
    { type: 'ip', value: '192.0.2.1' },
    { type: 'email', value: 'a@example.com' },
    { type: 'url', value: 'spiffe://web' },
  ] as const;
  const read = readSigningRequest(await signingRequest({ names }));
  assert.deepEqual(
    [read.dnsNames, read.addresses, read.emailAddresses, read.uris],
    names.map(({ value }) => [value]),
  );
});

const noRequest = 'PEM block type must be CERTIFICATE REQUEST';
const malformed = 'asn1: structure error: malformed certificate request';
const bad = {
  '': noRequest,
  '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n': noRequest,
  '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n': malformed,
  '-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n': malformed,
};
for (const [pem, message] of Object.entries(bad))
  test(`${JSON.stringify(pem)} is no request`, () => assert.throws(() => readSigningRequest(pem), { message }));

test('half a request, and one with bytes at its end, are none', async () => {
  const bytes = Buffer.from((await signingRequest()).replace(/-----.*-----/g, ''), 'base64');
  for (let length = 0; length < bytes.length; length += 7)
    assert.throws(() => readSigningRequest(inPem(bytes.subarray(0, length))), /malformed|verif/, `${length} bytes`);
});

function inPem(bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes).toString('base64');
  return `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`;
}

const block = (type: string, inside: string) => `-----BEGIN ${type}-----\n${inside}\n-----END ${type}-----\n`;
const chains = {
  hello: 'must contain at least one CERTIFICATE PEM block',
  [block('RSA KEY', 'AAAA')]: 'only CERTIFICATE PEM blocks are allowed, found "RSA KEY"',
  [block('CERTIFICATE', 'a: b\n\nAAAA')]: 'no PEM block headers are permitted',
  [block('CERTIFICATE', '')]: 'found CERTIFICATE PEM block containing 0 certificates',
  [block('CERTIFICATE', 'AAAA')]: 'x509: malformed certificate',
};
for (const [pem, problem] of Object.entries(chains))
  test(`${JSON.stringify(pem)} is no chain of certificates`, () => assert.equal(certificateProblem(pem), problem));
