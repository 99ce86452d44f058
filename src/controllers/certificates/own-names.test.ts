import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/core/v1/types.ts';
import type { RequestedIdentity } from './authority.ts';
import { isOfNode, isOwnPart } from './own-names.ts';

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
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
});
const nodes = [node('one', '192.0.2.1', '192.0.2.9'), node('two', '192.0.2.2', '192.0.2.9')];

const names: readonly [what: string, wanted: Partial<RequestedIdentity>, isOwn: boolean][] = [
  ['its name and address', { dnsNames: ['one'], addresses: ['192.0.2.1'] }, true],
  ['the address of another node', { addresses: ['192.0.2.2'] }, false],
  ['an address that another node says it has too', { addresses: ['192.0.2.9'] }, false],
  ['the name of another node', { dnsNames: ['two'] }, false],
  ['a name of nobody', { dnsNames: ['kubernetes.default.svc'] }, false],
  ['a node that there is not', { commonName: 'system:node:three', dnsNames: ['three'] }, false],
  ['no node', { commonName: 'one', dnsNames: ['one'] }, false],
];
for (const [what, wanted, isOwn] of names)
  test(`a node ${isOwn ? 'may' : 'may not'} show itself with ${what}`, () =>
    assert.equal(isOfNode({ ...nothing, ...wanted }, nodes), isOwn));

const users: readonly [what: string, wanted: Partial<RequestedIdentity>, isPart: boolean][] = [
  ['a part of the cluster', { commonName: 'system:kube-proxy' }, true],
  ['a person', { commonName: 'jane' }, false],
  ['a part that wants to be in a group', { commonName: 'system:kube-proxy', organizations: ['system:nodes'] }, false],
  ['a part that wants to be a server', { commonName: 'system:kube-proxy', dnsNames: ['one'] }, false],
];
for (const [what, wanted, isPart] of users)
  test(`${what} ${isPart ? 'renews itself' : 'is looked at by somebody'}`, () =>
    assert.equal(isOwnPart({ ...nothing, ...wanted }), isPart));
