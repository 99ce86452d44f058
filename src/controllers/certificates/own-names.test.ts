import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/core/v1/types.ts';
import type { RequestedIdentity } from './authority.ts';
import { isOfNode, isOwnPart, type NodePlaces } from './own-names.ts';

const nothing: RequestedIdentity = {
  commonName: 'system:node:one',
  organizations: [],
  dnsNames: [],
  addresses: [],
  emailAddresses: [],
  uris: [],
};
const node = (name: string, ...addresses: string[]): Node => ({
  metadata: { name },
  spec: {},
  status: {
    addresses: [
      ...addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'ExternalIP', address: '198.51.100.7' },
      { type: 'Hostname', address: 'other.example.com' },
    ],
  },
});
/** Whatever a node may say of itself: nothing checks it. */
const claims = [
  '192.0.2.1',
  '192.0.2.9',
  '192.0.2.100',
  '2001:db8::1',
  '10.96.0.1',
  '10.100.0.1',
  '10.244.3.4',
  '127.0.0.1',
  '::ffff:127.0.0.1',
  '::1',
  '0.0.0.0',
  '169.254.1.1',
  'fe80::1',
  '224.0.0.1',
  'localhost',
  'kubernetes.default.svc',
  '*.kube-system.svc',
];
const odd = ['localhost', 'kubernetes', 'kubernetes.default', 'a.b.svc', 'a.b.svc.cluster.local', 'a.localhost'];
const where: NodePlaces = {
  nodes: [
    node('one', ...claims),
    node('two', '192.0.2.2', '192.0.2.9'),
    ...['kubernetes-worker', 'one.example.com', ...odd].map((name) => node(name)),
  ],
  given: new Map(),
  ranges: ['10.96.0.0/16', '10.100.0.0/24', '10.244.0.0/16'],
  apiServer: ['192.0.2.100'],
};
const ofNode = (name: string) => ({ commonName: `system:node:${name}`, dnsNames: [name] });

type Case = [what: string, wanted: Partial<RequestedIdentity>, isOwn: boolean];
const names: readonly Case[] = [
  ['its name and address', { dnsNames: ['one'], addresses: ['192.0.2.1'] }, true],
  ['its address in version 6', { addresses: ['2001:db8:0::1'] }, true],
  ['the address of another node', { addresses: ['192.0.2.2'] }, false],
  ['an address that another node says it has too', { addresses: ['192.0.2.9'] }, false],
  ['the name of another node', { dnsNames: ['two'] }, false],
  ['a name that it says it has', { dnsNames: ['other.example.com'] }, false],
  ['an address by which others outside know it', { addresses: ['198.51.100.7'] }, false],
  ['an address that it does not say', { addresses: ['192.0.2.3'] }, false],
  ['the address of the API server', { addresses: ['192.0.2.100'] }, false],
  ['the address of a Service', { addresses: ['10.96.0.1'] }, false],
  ['an address of a second range of Services', { addresses: ['10.100.0.1'] }, false],
  ['the address of a pod', { addresses: ['10.244.3.4'] }, false],
  ...['127.0.0.1', '::ffff:127.0.0.1', '::1', '0.0.0.0', '169.254.1.1', 'fe80::1', '224.0.0.1'].map((address): Case => [
    `the address ${address}`,
    { addresses: [address] },
    false,
  ]),
  ...['localhost', 'kubernetes.default.svc', '*.kube-system.svc', '*', 'ONE', ''].map((name): Case => [
    `the name "${name}"`,
    { dnsNames: ['one', name] },
    false,
  ]),
  ...odd.map((name): Case => [`its name "${name}"`, ofNode(name), false]),
  ['a name that only begins as that of the API server', ofNode('kubernetes-worker'), true],
  ['a name with dots', ofNode('one.example.com'), true],
  ['a node that there is not', { commonName: 'system:node:three', dnsNames: ['three'] }, false],
  ['no node', { commonName: 'one', dnsNames: ['one'] }, false],
];
for (const [what, wanted, isOwn] of names)
  test(`a node ${isOwn ? 'may' : 'may not'} show itself with ${what}`, () =>
    assert.equal(isOfNode({ ...nothing, ...wanted }, where), isOwn));

/** The first node is where the API server is, too, and the second one says that it has the address of the others. */
const configured: NodePlaces = {
  ...where,
  nodes: [node('one', '192.0.2.1'), node('two', '192.0.2.100', '192.0.2.50'), node('three', '192.0.2.2', '192.0.2.50')],
  given: new Map([
    ['one', '192.0.2.100'],
    ['two', '192.0.2.2'],
    ['gone', '192.0.2.50'],
  ]),
};
const givenNames: readonly [node: string, address: string, isOwn: boolean][] = [
  ['one', '192.0.2.100', true],
  ['one', '192.0.2.1', false],
  ['two', '192.0.2.2', true],
  ['two', '192.0.2.100', false],
  ['three', '192.0.2.2', false],
  ['three', '192.0.2.50', false],
];
for (const [name, address, isOwn] of givenNames)
  test(`where nodes were given addresses, ${name} ${isOwn ? 'may' : 'may not'} show itself with ${address}`, () =>
    assert.equal(isOfNode({ ...nothing, ...ofNode(name), addresses: [address] }, configured), isOwn));

test('no configuration gives a node a loopback address', () => {
  const given = new Map([['one', '127.0.0.1']]);
  assert.equal(isOfNode({ ...nothing, addresses: ['127.0.0.1'] }, { ...where, given }), false);
});

const users: readonly [what: string, wanted: Partial<RequestedIdentity>, isPart: boolean][] = [
  ['a part of the cluster', { commonName: 'system:kube-proxy' }, true],
  ['a person', { commonName: 'jane' }, false],
  ['a part that wants to be in a group', { commonName: 'system:kube-proxy', organizations: ['system:nodes'] }, false],
  ['an ingress', { commonName: 'system:kubeling-ingress:one', organizations: ['system:kubeling-ingresses'] }, true],
  [
    'a part that wants to be an ingress',
    { commonName: 'system:coredns', organizations: ['system:kubeling-ingresses'] },
    false,
  ],
  [
    'an ingress that wants to be in another group too',
    { commonName: 'system:kubeling-ingress:one', organizations: ['system:kubeling-ingresses', 'system:nodes'] },
    false,
  ],
  ['a part that wants to be a server', { commonName: 'system:kube-proxy', dnsNames: ['one'] }, false],
];
for (const [what, wanted, isPart] of users)
  test(`${what} ${isPart ? 'renews itself' : 'is looked at by somebody'}`, () =>
    assert.equal(isOwnPart({ ...nothing, ...wanted }), isPart));
