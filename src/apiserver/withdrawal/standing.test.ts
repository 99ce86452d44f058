import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.ts';
import { standingOf, type Showing, type Standing } from './standing.ts';

const ready: Pod['status'] = {
  phase: 'Running',
  podIP: '10.244.1.2',
  conditions: [{ type: 'Ready', status: 'True' }],
};
const unready: Pod['status'] = { ...ready, conditions: [{ type: 'Ready', status: 'False' }] };
const offered: Showing = { slice: 'shop/web-1', service: 'web', ready: true, terminating: false };
const leaving: Showing = { ...offered, ready: false, terminating: true };
const notReady: Showing = { ...offered, ready: false };
const custom: Showing = { ...offered, slice: 'shop/mine', service: '' };

const rows: { name: string; status?: Pod['status']; showings?: Showing[]; services?: string[]; want: Standing }[] = [
  { name: 'of no Service', services: [], want: 'absent' },
  { name: 'that its slice offers', showings: [offered], want: 'offered' },
  { name: 'that its slice shows as leaving', showings: [leaving], want: 'withdrawn' },
  { name: 'that another slice still offers', showings: [leaving, custom], want: 'offered' },
  { name: 'of a slice that no Service made', services: [], showings: [custom], want: 'offered' },
  { name: 'that is ready and in no slice yet', want: 'offered' },
  { name: 'that is ready and shown as it was before', showings: [notReady], want: 'offered' },
  {
    name: 'that one of two Services has not put in yet',
    services: ['web', 'other'],
    showings: [leaving],
    want: 'offered',
  },
  { name: 'that was never ready', status: unready, want: 'absent' },
  { name: 'that was never ready and is shown so', status: unready, showings: [notReady], want: 'withdrawn' },
  { name: 'without an address', status: { ...ready, podIP: '' }, want: 'absent' },
  { name: 'that has finished', status: { ...ready, phase: 'Succeeded' }, want: 'absent' },
  {
    name: 'that is offered to the end',
    services: [],
    showings: [{ ...leaving, ready: true }],
    want: 'withdrawn',
  },
];

for (const { name, status = ready, showings = [], services = ['web'], want } of rows)
  test(`a deleted pod ${name} is ${want}`, () => {
    const pod: Pod = { metadata: { name: 'web-1', namespace: 'shop', uid: 'u' }, spec: { containers: [] }, status };
    assert.equal(standingOf(pod, showings, services), want);
  });
