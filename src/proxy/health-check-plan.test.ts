import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../api/core/v1/types.ts';
import type { Endpoint, EndpointSlice } from '../api/discovery/v1/types.ts';
import { healthAnswer, healthCheckPorts } from './health-check-plan.ts';

const port = 32_000;
function balancer(spec: Partial<Service['spec']> = {}, labels: Record<string, string> = {}): Service {
  return {
    metadata: { namespace: 'default', name: 'web', labels },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.10',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: port,
      ports: [{ port: 80 }],
      ...spec,
    },
  };
}

for (const { name, service, isServed } of [
  { name: 'a load balancer whose clients stay on their node has one', service: balancer(), isServed: true },
  { name: 'other policies have none', service: balancer({ externalTrafficPolicy: 'Cluster' }), isServed: false },
  { name: 'nor have other types', service: balancer({ type: 'NodePort' }), isServed: false },
  {
    name: 'nor Services of another proxy',
    service: balancer({}, { 'service.kubernetes.io/service-proxy-name': 'mine' }),
    isServed: false,
  },
])
  test(`health check port: ${name}`, () =>
    assert.deepEqual(
      [...healthCheckPorts([service])],
      isServed ? [[port, { namespace: 'default', name: 'web' }]] : [],
    ));

const here = { nodeName: 'one', conditions: { ready: true } };
function slice(...endpoints: Endpoint[]): EndpointSlice {
  return { metadata: { name: 's' }, addressType: 'IPv4', ports: [{ port: 8080 }], endpoints };
}

const cases: readonly { name: string; slices: EndpointSlice[]; count: number; isHealthy?: boolean }[] = [
  { name: 'no endpoint', slices: [], count: 0 },
  {
    name: 'endpoints of this node count',
    slices: [slice({ ...here, addresses: ['10.0.0.1'] }, { ...here, addresses: ['10.0.0.2'] })],
    count: 2,
  },
  { name: 'those of others do not', slices: [slice({ ...here, addresses: ['10.0.0.1'], nodeName: 'two' })], count: 0 },
  {
    name: 'a pod in two slices is one',
    slices: [slice({ ...here, addresses: ['10.0.0.1'] }), slice({ ...here, addresses: ['10.0.0.1'] })],
    count: 1,
  },
  {
    name: 'what ends gets no new clients, although it serves',
    slices: [
      slice({
        addresses: ['10.0.0.1'],
        nodeName: 'one',
        conditions: { ready: false, serving: true, terminating: true },
      }),
    ],
    count: 0,
  },
  {
    name: 'a node without the right rules wants no clients',
    slices: [slice({ ...here, addresses: ['10.0.0.1'] })],
    count: 1,
    isHealthy: false,
  },
];

const web = { namespace: 'default', name: 'web' };
for (const { name, slices, count, isHealthy = true } of cases)
  test(`health check: ${name}`, () => {
    const { status, headers, body } = healthAnswer(web, { slices, nodeName: 'one', isHealthy });
    assert.equal(status, count > 0 && isHealthy ? 200 : 503);
    assert.equal(headers['X-Load-Balancing-Endpoint-Weight'], String(count));
    assert.equal(
      body,
      `{"service":{"namespace":"default","name":"web"},"localEndpoints":${count},"serviceProxyHealthy":${isHealthy}}`,
    );
  });
