import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service, ServiceSpec } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { serviceUrls } from './service-urls.ts';

const nodes = [
  { name: 'one', address: '172.29.0.2' },
  { name: 'two', address: '172.29.0.3' },
];

function service(spec: ServiceSpec, address?: string): Service {
  const status = address === undefined ? {} : { loadBalancer: { ingress: [{ ip: address }] } };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec, status };
}

function endpointOn(nodeName: string, ready = true): EndpointSlice {
  const endpoints = [{ addresses: ['10.244.0.5'], nodeName, conditions: { ready } }];
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-x' },
    addressType: 'IPv4',
    endpoints,
  };
}

const port = { port: 80, targetPort: 8080, nodePort: 30080 };
const local: ServiceSpec = { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [port] };

for (const { name, of, slices = [], want } of [
  {
    name: 'a node port is on the first node',
    of: service({ type: 'NodePort', ports: [port] }),
    want: [['80', 'http://172.29.0.2:30080']],
  },
  {
    name: 'each port has its own',
    of: service({
      type: 'NodePort',
      ports: [
        { ...port, name: 'web' },
        { name: 'dns', port: 53, nodePort: 30053, protocol: 'UDP' },
      ],
    }),
    want: [
      ['web/80', 'http://172.29.0.2:30080'],
      ['dns/53', 'udp://172.29.0.2:30053'],
    ],
  },
  {
    name: 'a load balancer has a node port too',
    of: service({ type: 'LoadBalancer', ports: [port] }, '172.29.0.240'),
    want: [['80', 'http://172.29.0.2:30080']],
  },
  {
    name: 'a load balancer without node ports has its address',
    of: service({ type: 'LoadBalancer', ports: [{ port: 80 }] }, '172.29.0.240'),
    want: [['80', 'http://172.29.0.240:80']],
  },
  {
    name: 'a node that serves its own endpoints only is asked if it has one',
    of: service(local),
    slices: [endpointOn('two')],
    want: [['80', 'http://172.29.0.3:30080']],
  },
  {
    name: 'an endpoint that is not ready does not count',
    of: service(local),
    slices: [endpointOn('two', false)],
    want: [['80', 'http://172.29.0.2:30080']],
  },
  {
    name: 'a cluster address is not seen from outside',
    of: service({ type: 'ClusterIP', ports: [{ port: 80 }] }),
    want: [],
  },
] satisfies { name: string; of: Service; slices?: EndpointSlice[]; want: string[][] }[])
  test(name, () => {
    const urls = serviceUrls(of, slices, nodes);
    assert.deepEqual(
      urls.map((one) => [one.port, one.url]),
      want,
    );
  });
