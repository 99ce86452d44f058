import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, EndpointSlice } from '../api/discovery/v1/types.ts';
import { backendsOf } from './backends.ts';
import type { NodeView } from './node-view.ts';

const node: NodeView = { name: 'one', addresses: [], podCidr: '', serviceCidr: '', zone: 'east' };
const http = { name: 'http', port: 80 };

function at(host: number, more: Partial<Endpoint> = {}): Endpoint {
  return { addresses: [`10.0.0.${host}`], conditions: { ready: true }, nodeName: 'two', ...more };
}
function slice(endpoints: Endpoint[], more: Partial<EndpointSlice> = {}): EndpointSlice {
  return { metadata: { name: 's' }, addressType: 'IPv4', ports: [{ name: 'http', port: 8080 }], endpoints, ...more };
}
const notReady = { conditions: { ready: false, serving: false } };
const leaving = { conditions: { ready: false, serving: true, terminating: true } };
const gone = { conditions: { ready: false, serving: false, terminating: true } };
const here = { nodeName: 'one' };
const forZone = (name: string) => ({ hints: { forZones: [{ name }] } });
const forNode = (name: string) => ({ hints: { forNodes: [{ name }] } });

const cases: readonly { name: string; slices: EndpointSlice[]; cluster: number[]; local?: number[] }[] = [
  { name: 'no slice, no backend', slices: [], cluster: [] },
  { name: 'ready endpoints of all slices', slices: [slice([at(2)]), slice([at(1)])], cluster: [1, 2] },
  {
    name: 'an endpoint without conditions counts as ready',
    slices: [slice([{ addresses: ['10.0.0.1'] }])],
    cluster: [1],
  },
  { name: 'what is not ready is left out', slices: [slice([at(1), at(2, notReady)])], cluster: [1] },
  { name: 'what ends is left out while others are ready', slices: [slice([at(1), at(2, leaving)])], cluster: [1] },
  {
    name: 'the last ones serve until they end',
    slices: [slice([at(1, notReady), at(2, leaving), at(3, gone)])],
    cluster: [2],
  },
  { name: 'those of this node are known', slices: [slice([at(1, here), at(2)])], cluster: [1, 2], local: [1] },
  {
    name: 'the last one on this node serves here although others are ready elsewhere',
    slices: [slice([at(1, { ...here, ...leaving }), at(2)])],
    cluster: [2],
    local: [1],
  },
  { name: 'an endpoint in two slices is one', slices: [slice([at(1)]), slice([at(1)])], cluster: [1] },
  { name: 'and ready if one says so', slices: [slice([at(1, notReady)]), slice([at(1)])], cluster: [1] },
  {
    name: 'slices of other families, ports and protocols are passed over',
    slices: [
      slice([at(1)], { addressType: 'IPv6' }),
      slice([at(2)], { ports: [{ name: 'other', port: 8080 }] }),
      slice([at(3)], { ports: [{ name: 'http', port: 8080, protocol: 'UDP' }] }),
      slice([at(4)], { ports: [] }),
    ],
    cluster: [],
  },
  {
    name: 'those meant for this zone',
    slices: [slice([at(1, forZone('east')), at(2, forZone('west'))])],
    cluster: [1],
  },
  { name: 'all if one is meant for nobody', slices: [slice([at(1, forZone('east')), at(2)])], cluster: [1, 2] },
  {
    name: 'all if none is meant for this zone',
    slices: [slice([at(1, forZone('west')), at(2, forZone('west'))])],
    cluster: [1, 2],
  },
  {
    name: 'those meant for this node before those for its zone',
    slices: [
      slice([
        at(1, { hints: { ...forZone('east').hints, ...forNode('two').hints } }),
        at(2, { hints: { ...forZone('east').hints, ...forNode('one').hints } }),
      ]),
    ],
    cluster: [2],
  },
];

for (const { name, slices, cluster, local = [] } of cases)
  test(`backends: ${name}`, () => {
    const found = backendsOf(slices, http, node);
    const hosts = (list: readonly { address: string; port: number }[]) =>
      list.map(({ address, port }) => `${address}:${port}`);
    const wanted = (list: number[]) => list.map((host) => `10.0.0.${host}:8080`);
    assert.deepEqual([hosts(found.cluster), hosts(found.local)], [wanted(cluster), wanted(local)]);
    assert.equal(found.isServed, cluster.length > 0);
  });
