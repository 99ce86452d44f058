import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.ts';
import { endpointStateOf, type PodEndpoint, type EndpointState } from './endpoint-state.ts';

const ready: Pod['status'] = {
  phase: 'Running',
  podIP: '10.244.1.2',
  conditions: [{ type: 'Ready', status: 'True' }],
};
const unready: Pod['status'] = { ...ready, conditions: [{ type: 'Ready', status: 'False' }] };
const offered: PodEndpoint = { slice: 'shop/web-1', service: 'web', ready: true, terminating: false };
const leaving: PodEndpoint = { ...offered, ready: false, terminating: true };
const notReady: PodEndpoint = { ...offered, ready: false };
const custom: PodEndpoint = { ...offered, slice: 'shop/mine', service: '' };

const rows: {
  name: string;
  status?: Pod['status'];
  podEndpoints?: PodEndpoint[];
  services?: string[];
  want: EndpointState;
}[] = [
  { name: 'of no Service', services: [], want: 'absent' },
  { name: 'that its slice offers', podEndpoints: [offered], want: 'ready' },
  { name: 'that its slice shows as leaving', podEndpoints: [leaving], want: 'terminating' },
  { name: 'that another slice still offers', podEndpoints: [leaving, custom], want: 'ready' },
  { name: 'of a slice that no Service made', services: [], podEndpoints: [custom], want: 'ready' },
  { name: 'that is ready and in no slice yet', want: 'ready' },
  { name: 'that is ready and shown as it was before', podEndpoints: [notReady], want: 'ready' },
  {
    name: 'that one of two Services has not put in yet',
    services: ['web', 'other'],
    podEndpoints: [leaving],
    want: 'ready',
  },
  { name: 'that was never ready', status: unready, want: 'absent' },
  { name: 'that was never ready and is shown so', status: unready, podEndpoints: [notReady], want: 'terminating' },
  { name: 'without an address', status: { ...ready, podIP: '' }, want: 'absent' },
  { name: 'that has finished', status: { ...ready, phase: 'Succeeded' }, want: 'absent' },
  {
    name: 'that is offered to the end',
    services: [],
    podEndpoints: [{ ...leaving, ready: true }],
    want: 'terminating',
  },
];

for (const { name, status = ready, podEndpoints = [], services = ['web'], want } of rows)
  test(`a deleted pod ${name} is ${want}`, () => {
    const pod: Pod = { metadata: { name: 'web-1', namespace: 'shop', uid: 'u' }, spec: { containers: [] }, status };
    assert.equal(endpointStateOf(pod, podEndpoints, services), want);
  });
