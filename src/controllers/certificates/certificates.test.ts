import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestedIdentity } from './authority.ts';
import { keptUntil } from './cleaner.ts';
import { validity } from './signer.ts';
import { signers } from './signers.ts';

const node: RequestedIdentity = {
  commonName: 'system:node:one',
  organizations: ['system:nodes'],
  dnsNames: [],
  addresses: [],
  emailAddresses: [],
  uris: [],
};
const signature = 'digital signature';
const encipher = 'key encipherment';
const [client, kubelet, serving] = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving'];
const named = { ...node, dnsNames: ['one'] };
const clientUsages = 'usages did not match [client auth digital signature key encipherment]';
const serverUsages = 'usages did not match [digital signature key encipherment server auth]';

const orders: readonly [signer: string, identity: RequestedIdentity, usages: string[], problem?: string][] = [
  [client, { ...node, commonName: 'jane', organizations: ['devs'] }, ['client auth']],
  [client, named, ['client auth', signature, encipher]],
  [client, node, [signature], 'missing required usage for client certificate: client auth'],
  [client, node, ['client auth', 'server auth'], 'invalid usage for client certificate: server auth'],
  [kubelet, node, ['client auth', signature, encipher]],
  [kubelet, node, ['client auth', signature]],
  [kubelet, node, ['client auth'], clientUsages],
  [kubelet, node, ['client auth', signature, 'server auth'], clientUsages],
  [
    kubelet,
    { ...node, organizations: ['system:nodes', 'system:masters'] },
    ['client auth', signature],
    'subject organization is not system:nodes',
  ],
  [
    kubelet,
    { ...node, commonName: 'jane' },
    ['client auth', signature],
    'subject common name does not begin with system:node:',
  ],
  [kubelet, named, ['client auth', signature], 'DNS subjectAltNames are not allowed'],
  [kubelet, { ...node, addresses: ['192.0.2.1'] }, ['client auth', signature], 'IP subjectAltNames are not allowed'],
  [
    kubelet,
    { ...node, emailAddresses: ['a@b.c'] },
    ['client auth', signature],
    'Email subjectAltNames are not allowed',
  ],
  [kubelet, { ...node, uris: ['spiffe://a'] }, ['client auth', signature], 'URI subjectAltNames are not allowed'],
  [serving, named, ['server auth', signature, encipher]],
  [serving, { ...node, addresses: ['192.0.2.1'] }, ['server auth', signature]],
  [serving, node, ['server auth', signature], 'DNS or IP subjectAltName is required'],
  [serving, { ...named, uris: ['spiffe://a'] }, ['server auth', signature], 'URI subjectAltNames are not allowed'],
  [serving, named, ['client auth', signature], serverUsages],
  [
    serving,
    { ...named, commonName: 'jane' },
    ['server auth', signature],
    'subject common name does not begin with system:node:',
  ],
];
orders.forEach(([signer, identity, usages, problem], index) =>
  test(`order ${index}: ${signer} ${problem === undefined ? 'signs' : `says "${problem}"`}`, () =>
    assert.equal(signers[`kubernetes.io/${signer}`]!(identity, usages), problem)),
);

const minute = 60_000;
const hour = 60 * minute;
const year = 365 * 24 * hour;
const terms: readonly [seconds: number | undefined, until: number][] = [
  [undefined, year - 5 * minute],
  [600, 10 * minute],
  [3600, hour],
  [8 * 3600, 8 * hour - 5 * minute],
  [2 * 365 * 86_400, year - 5 * minute],
];
for (const [seconds, until] of terms)
  test(`a certificate for ${seconds} seconds`, () =>
    assert.deepEqual(validity(seconds, year), { from: year - 5 * minute, until: year + until }));

const at = (time: number) => new Date(time).toISOString();
const certificate = Buffer.from('pem').toString('base64');
const kept: readonly [what: string, status: object, until: number | undefined][] = [
  ['that nobody has looked at', {}, 24 * hour],
  ['that is denied', { conditions: [{ type: 'Denied', lastUpdateTime: at(minute) }] }, minute + hour],
  ['that is approved', { conditions: [{ type: 'Approved', lastUpdateTime: at(minute) }] }, undefined],
  ['that has failed', { conditions: [{ type: 'Failed', lastUpdateTime: at(minute) }] }, undefined],
  ['that is signed', { certificate, conditions: [{ type: 'Approved', lastUpdateTime: at(minute) }] }, minute + hour],
  [
    'whose certificate ends',
    { certificate, conditions: [{ type: 'Approved', lastUpdateTime: at(2 * hour) }] },
    2 * hour,
  ],
];
for (const [what, status, until] of kept)
  test(`a request ${what} is kept`, () => {
    const request = { metadata: { name: 'a', creationTimestamp: at(0) }, spec: {}, status } as never;
    assert.equal(
      keptUntil(request, (pem) => (pem === 'pem' ? 2 * hour : NaN)),
      until,
    );
  });
