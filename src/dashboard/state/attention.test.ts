import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod, Service } from '../../api/core/v1/types.ts';
import { concernsIn, serviceState } from './attention.ts';
import type { Row } from './table-rows.ts';
import { rowOf } from './testing/row-of.ts';

test('what is in trouble comes before what is under way, and what is well not at all', () => {
  const pods = [
    rowOf(podNamed('starting'), '0/1', 'ContainerCreating'),
    rowOf(podNamed('fine'), '1/1', 'Running'),
    rowOf(podNamed('crashing'), '0/1', 'CrashLoopBackOff'),
  ];
  const nodes = [rowOf({ metadata: { name: 'lost' } } as Node, 'NotReady')];
  const concerns = concernsIn({ nodes, pods, deployments: [], services: [], endpoints: new Map() });
  assert.deepEqual(
    concerns.map(({ resource, text, tone }) => [resource, text, tone]),
    [
      ['nodes', 'NotReady', 'bad'],
      ['pods', 'CrashLoopBackOff, 0/1 ready', 'bad'],
      ['pods', 'ContainerCreating, 0/1 ready', 'busy'],
    ],
  );
});

const endpoints = new Map([
  ['default/web', { used: 2, of: 3 }],
  ['default/empty', { used: 0, of: 0 }],
]);

test('a Service is as well as its endpoints, unless it has none of its own', () => {
  const service = (name: string, selector?: Record<string, string>): Row<Service> =>
    rowOf({ metadata: { name, namespace: 'default' }, spec: { ...(selector && { selector }) } });
  assert.deepEqual(serviceState(service('web', { app: 'web' }), endpoints), { tone: 'busy', text: '2/3' });
  assert.deepEqual(serviceState(service('empty', { app: 'x' }), endpoints), { tone: 'bad', text: 'no endpoints' });
  assert.deepEqual(serviceState(service('outside'), endpoints), { tone: 'plain', text: '–' });
});

function podNamed(name: string): Pod {
  return { metadata: { name, namespace: 'default' }, spec: { containers: [] } };
}
