import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerPort, Pod } from '../api/core/v1/types.ts';
import { planHostPorts } from './host-port-plan.ts';

const node = {
  name: 'one',
  addresses: ['172.29.0.2'],
  nodeAddresses: new Set(['172.29.0.2', '172.29.0.3']),
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
};

function pod(ports: ContainerPort[], more: { spec?: Partial<Pod['spec']>; status?: Pod['status'] } = {}): Pod {
  return {
    metadata: { namespace: 'default', name: 'web' },
    spec: { containers: [{ name: 'app', image: 'app', ports }], ...more.spec },
    status: { podIP: '10.244.0.5', phase: 'Running', ...more.status },
  };
}
const http = { containerPort: 80, hostPort: 8080 };

const cases: readonly { name: string; pod: Pod; want: string[] }[] = [
  {
    name: 'a port of the host leads to that of the pod',
    pod: pod([http]),
    want: ['172.29.0.2 tcp 8080 > 10.244.0.5 . 80'],
  },
  { name: 'other ports are nothing to the host', pod: pod([{ containerPort: 80 }]), want: [] },
  {
    name: 'on one address only where that is asked for',
    pod: pod([{ ...http, protocol: 'UDP', hostIP: '172.29.0.9' }]),
    want: ['172.29.0.9 udp 8080 > 10.244.0.5 . 80'],
  },
  {
    name: 'the address of the node may be named',
    pod: pod([{ ...http, hostIP: '172.29.0.2' }]),
    want: ['172.29.0.2 tcp 8080 > 10.244.0.5 . 80'],
  },
  {
    name: 'so may its loopback address, which nobody else reaches',
    pod: pod([{ ...http, hostIP: '127.0.0.1' }]),
    want: ['127.0.0.1 tcp 8080 > 10.244.0.5 . 80'],
  },
  {
    name: 'addresses of the API server, another node, pods and what else the machine has of loopback may not',
    pod: pod(['10.96.0.1', '172.29.0.3', '10.244.0.9', '127.0.0.53'].map((hostIP) => ({ ...http, hostIP }))),
    want: [],
  },
  {
    name: 'a pod in the network of the host has its ports there already',
    pod: pod([http], { spec: { hostNetwork: true } }),
    want: [],
  },
  { name: 'a pod without an address yet', pod: { ...pod([http]), status: {} }, want: [] },
  { name: 'a pod that is over', pod: pod([http], { status: { phase: 'Succeeded' } }), want: [] },
];

for (const { name, pod: object, want } of cases)
  test(`host ports: ${name}`, () => {
    const { frontends, groups, hairpins } = planHostPorts(object, node);
    const endpoints = new Map(groups.map((group) => [group.name, group.endpoints.join()]));
    assert.deepEqual(
      frontends.map((one) => `${one.address} ${one.protocol} ${one.port} > ${endpoints.get(one.group)}`),
      want,
    );
    assert.deepEqual(hairpins, groups.length > 0 ? ['10.244.0.5'] : []);
  });
