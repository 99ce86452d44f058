import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { announcedBy } from './announcement.ts';

interface NodeParts {
  readonly ready?: 'True' | 'False' | 'Unknown';
  readonly labels?: Record<string, string>;
}
function node(name: string, { ready = 'True', labels = {} }: NodeParts = {}): Node {
  return { metadata: { name, labels }, status: { conditions: [{ type: 'Ready', status: ready }] } } as Node;
}
function balancer(address: string, spec: Partial<Service['spec']> = {}): Service {
  return {
    metadata: { namespace: 'default', name: `web-${address}` },
    spec: { type: 'LoadBalancer', clusterIP: '10.96.0.1', ports: [{ port: 80 }], ...spec },
    status: { loadBalancer: { ingress: [{ ip: address }] } },
  };
}
const addresses = Array.from({ length: 51 }, (_, index) => `172.29.0.${200 + index}`);
const three = ['a', 'b', 'c'].map((name) => node(name));

/** The node of each address; throws if two have it. */
function spread(
  nodes: readonly Node[],
  services = addresses.map((one) => balancer(one)),
  slices: EndpointSlice[] = [],
) {
  const found = new Map<string, string>();
  for (const { metadata } of nodes) {
    const view = { name: metadata.name, addresses: [], podCidr: '', serviceCidr: '' };
    for (const address of announcedBy(view, { services, slicesOf: () => slices, nodes })) {
      assert.ok(!found.has(address), address);
      found.set(address, metadata.name);
    }
  }
  return found;
}

test('every address has one node, and no node is left out', () => {
  const found = spread(three);
  assert.equal(found.size, addresses.length);
  for (const { metadata } of three) assert.ok([...found.values()].filter((name) => name === metadata.name).length > 3);
});

test('when a node is lost only its addresses move', () => {
  const before = spread(three);
  const after = spread([node('a'), node('b', { ready: 'Unknown' }), node('c')]);
  assert.equal(after.size, addresses.length);
  for (const [address, name] of before)
    assert.ok(name === 'b' ? after.get(address) !== 'b' : after.get(address) === name);
});

test('a node that is kept from load balancers answers for none', () => {
  const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
  const found = spread([node('a', { labels }), node('b')]);
  assert.deepEqual([...new Set(found.values())], ['b']);
});

test('with the policy Local a node with an endpoint answers, or any while there is none', () => {
  const services = addresses.map((one) => balancer(one, { externalTrafficPolicy: 'Local' }));
  const slice: EndpointSlice = {
    metadata: { name: 's' },
    addressType: 'IPv4',
    ports: [{ port: 80 }],
    endpoints: [{ addresses: ['10.244.0.1'], nodeName: 'c' }],
  };
  assert.deepEqual([...new Set(spread(three, services, [slice]).values())], ['c']);
  assert.equal(new Set(spread(three, services).values()).size, 3);
});

test('addresses of others are left to them', () => {
  assert.equal(spread(three, [balancer('172.29.0.200', { loadBalancerClass: 'example.com/x' })]).size, 0);
  assert.equal(spread(three, [balancer('172.29.0.200', { type: 'NodePort' })]).size, 0);
});
