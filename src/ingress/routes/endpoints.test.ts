import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../api/core/v1/types.ts';
import type { EndpointConditions, EndpointSlice } from '../../api/discovery/v1/types.ts';
import { makeIngress, makeObjects, makePath, makeRule } from '../testing.ts';
import { endpointsOf } from './endpoints.ts';
import { endpointChanges, planEndpoints, withFailures } from './plan-endpoints.ts';
import { planRoutes } from './plan-routes.ts';

const service = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    ports: [
      { name: 'http', port: 80, targetPort: 8080 },
      { name: 'admin', port: 81 },
    ],
  },
} as Service;

function slice(endpoints: Record<string, EndpointConditions>, ports = [{ name: 'http', port: 8080 }]): EndpointSlice {
  return {
    metadata: { name: 'web-1', namespace: 'shop' },
    addressType: 'IPv4',
    ports,
    endpoints: Object.entries(endpoints).map(([address, conditions]) => ({ addresses: [address], conditions })),
  };
}
const ready = { ready: true, serving: true, terminating: false };
const leaving = { ready: false, serving: true, terminating: true };
const gone = { ready: false, serving: false, terminating: true };

const rows: [name: string, slices: EndpointSlice[], want: string[]][] = [
  ['none without slices', [], []],
  [
    'those of all slices',
    [slice({ '10.0.0.2': ready }), slice({ '10.0.0.1': ready })],
    ['10.0.0.1:8080', '10.0.0.2:8080'],
  ],
  ['those that say nothing of themselves', [slice({ '10.0.0.1': {} })], ['10.0.0.1:8080']],
  ['only the ready ones', [slice({ '10.0.0.1': ready, '10.0.0.2': leaving, '10.0.0.3': gone })], ['10.0.0.1:8080']],
  [
    'where none is ready, those that serve while they terminate',
    [slice({ '10.0.0.2': leaving, '10.0.0.3': gone })],
    ['10.0.0.2:8080'],
  ],
  [
    'none of a Service that selects no pod: its lists are null then',
    [{ ...slice({}), endpoints: null, ports: null }],
    [],
  ],
  [
    'those of the other slices, where one has null',
    [{ ...slice({}), endpoints: null, ports: null }, slice({ '10.0.0.1': ready })],
    ['10.0.0.1:8080'],
  ],
  ['addresses with leading zeros read as decimal', [slice({ '010.0.0.01': ready })], ['10.0.0.1:8080']],
  ['none of another port', [slice({ '10.0.0.1': ready }, [{ name: 'admin', port: 9 }])], []],
];
for (const [name, slices, want] of rows)
  test(`requests go to ${name}`, () => {
    assert.deepEqual(endpointsOf({ port: { number: 80 } }, service, slices), want);
    assert.deepEqual(endpointsOf({ port: { name: 'http' } }, service, slices), want);
  });

test('a Service that is not there, or has no such port, has no endpoints', () => {
  const slices = [slice({ '10.0.0.1': ready })];
  assert.deepEqual(endpointsOf({ port: { number: 80 } }, undefined, slices), []);
  assert.deepEqual(endpointsOf({ port: { number: 82 } }, service, slices), []);
});

test('only backends of the Services that changed are worked out again', () => {
  const backend = (name: string) => ({ service: { namespace: 'shop', name }, port: { number: 80 } });
  const backends = new Map([
    ['shop/web:80', backend('web')],
    ['shop/other:80', backend('other')],
  ]);
  const asked: string[] = [];
  const objects = {
    onFailure: assert.fail,
    service: () => service,
    slices: ({ name }: { name: string }) => {
      asked.push(name);
      return [slice({ '10.0.0.1': ready })];
    },
  };
  const before = new Map([
    ['shop/web:80', '10.0.0.9:8080'],
    ['shop/other:80', '10.0.0.8:8080'],
  ]);
  const planned = planEndpoints({ backends }, objects, before, new Set(['shop/web']));
  assert.deepEqual(asked, ['web']);
  assert.deepEqual(
    [...planned],
    [
      ['shop/web:80', '10.0.0.1:8080'],
      ['shop/other:80', '10.0.0.8:8080'],
    ],
  );
  assert.deepEqual([...endpointChanges(before, planned)], [['shop/web:80', '10.0.0.1:8080']]);
  assert.deepEqual(
    [...endpointChanges(planned, new Map())],
    [
      ['shop/web:80', ''],
      ['shop/other:80', ''],
    ],
  );
});

test('a backend whose endpoints break an assumption keeps its own, is told of, and harms no other', () => {
  const broken = { metadata: { name: 'odd' }, addressType: 'IPv4', ports: [{ name: 'http', port: 1 }] };
  const objects = makeObjects([
    makeIngress('one', { rules: [makeRule('x.com', makePath('/', 'a'))] }),
    makeIngress('two', { rules: [makeRule('y.com', makePath('/', 'b'))] }),
  ]);
  const routes = planRoutes(objects);
  const failures = new Map<string, string>();
  const planned = planEndpoints(
    routes,
    {
      service: objects.service,
      slices: ({ name }) =>
        name === 'a' ? [{ ...broken, endpoints: [{}] } as unknown as EndpointSlice] : [slice({ '10.0.0.1': ready })],
      onFailure: (backend, error) => void failures.set(backend, (error as Error).name),
    },
    new Map([['shop/a:80', '10.0.0.7:8080']]),
  );
  assert.deepEqual(
    [...planned],
    [
      ['shop/a:80', '10.0.0.7:8080'],
      ['shop/b:80', '10.0.0.1:8080'],
    ],
  );
  const problems = [...withFailures(routes, failures)].filter(([, all]) => all.length > 0);
  const message = 'The endpoints of backend "shop/a:80" cannot be used: TypeError';
  assert.deepEqual(problems, [['shop/one', [{ reason: 'BadEndpoints', message }]]]);
});
