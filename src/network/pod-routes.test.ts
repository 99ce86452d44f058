import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../api/core/v1/types.ts';
import { planRoutes, podRoutes, type PodRoute } from './pod-routes.ts';

function node(name: string, podCIDR?: string, ...addresses: string[]): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  };
}

const one = node('one', '10.244.0.0/24', '172.29.0.2');
const two = node('two', '10.244.1.0/24', '172.29.0.3');
const three = node('three', '10.244.2.0/24', '172.29.0.4');
const toTwo: PodRoute = { destination: '10.244.1.0/24', gateway: '172.29.0.3' };
const toThree: PodRoute = { destination: '10.244.2.0/24', gateway: '172.29.0.4' };

for (const { name, nodes, want } of [
  { name: 'that is alone needs no route', nodes: [one], want: [] },
  { name: 'reaches the pods of each other node through that node', nodes: [one, three, two], want: [toTwo, toThree] },
  {
    name: 'waits for the part of the pod network that a new node gets',
    nodes: [one, node('new', undefined, '172.29.0.9'), two],
    want: [toTwo],
  },
  { name: 'waits for the address of a new node', nodes: [one, node('new', '10.244.9.0/24'), two], want: [toTwo] },
  {
    name: 'takes the first IPv4 address of a node that has others too',
    nodes: [one, node('two', '10.244.1.0/24', 'fd00::3', '172.29.0.3', '172.29.0.7')],
    want: [toTwo],
  },
] satisfies { name: string; nodes: Node[]; want: PodRoute[] }[])
  test(`a node ${name}`, () => assert.deepEqual(podRoutes(nodes, 'one'), want));

const moved: PodRoute = { destination: '10.244.1.0/24', gateway: '172.29.0.8' };
for (const { name, there, wanted, set, remove } of [
  { name: 'a new node gets a route', there: [toTwo], wanted: [toTwo, toThree], set: [toThree], remove: [] },
  {
    name: 'the route of a node that is gone goes',
    there: [toTwo, toThree],
    wanted: [toTwo],
    set: [],
    remove: [toThree],
  },
  { name: 'a node with another address is reached there', there: [toTwo], wanted: [moved], set: [moved], remove: [] },
  { name: 'nothing to change changes nothing', there: [toTwo, toThree], wanted: [toThree, toTwo], set: [], remove: [] },
])
  test(name, () => assert.deepEqual(planRoutes(there, wanted), { set, remove }));
