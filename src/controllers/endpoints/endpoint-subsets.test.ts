import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Service, ServicePort } from '../../api/core/v1/types.ts';
import { planSubsets } from './endpoint-subsets.ts';

function pod(name: string, ip: string, options: { ready?: boolean; going?: boolean; port?: number } = {}): Pod {
  const { ready = true, going = false, port = 8080 } = options;
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName: 'n1', containers: [{ name: 'app', ports: [{ name: 'http', containerPort: port }] }] },
    status: { podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

function service(ports: ServicePort[], more: Partial<Service['spec']> = {}): Service {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports, ...more },
  } as Service;
}

const http: ServicePort = { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' };
const metrics: ServicePort = { name: 'metrics', port: 90, targetPort: 9000, protocol: 'TCP' };

function shown(svc: Service, pods: Pod[]): string[] {
  return planSubsets(svc, pods).subsets.map(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
    const ips = (list: { ip: string }[]): string => list.map(({ ip }) => ip).join(',');
    return `${ips(addresses)}|${ips(notReadyAddresses)}|${ports.map(({ name, port }) => `${name}:${port}`).join(',')}`;
  });
}

const cases: readonly { name: string; service: Service; pods: Pod[]; want: string[] }[] = [
  {
    name: 'ready and unready addresses stand apart, sorted',
    service: service([http]),
    pods: [pod('a', '10.0.0.2'), pod('b', '10.0.0.1'), pod('c', '10.0.0.3', { ready: false })],
    want: ['10.0.0.1,10.0.0.2|10.0.0.3|http:8080'],
  },
  {
    name: 'ports that the same pods serve share a subset',
    service: service([metrics, http]),
    pods: [pod('a', '10.0.0.1')],
    want: ['10.0.0.1||http:8080,metrics:9000'],
  },
  {
    name: 'pods that give a name different numbers do not',
    service: service([http]),
    pods: [pod('a', '10.0.0.1'), pod('b', '10.0.0.2', { port: 81 })],
    want: ['10.0.0.1||http:8080', '10.0.0.2||http:81'],
  },
  {
    name: 'a port that no pod names leads nowhere',
    service: service([{ ...http, targetPort: 'none' }]),
    pods: [pod('a', '10.0.0.1')],
    want: [],
  },
  {
    name: 'a pod on its way out is left out',
    service: service([http]),
    pods: [pod('a', '10.0.0.1', { going: true })],
    want: [],
  },
  {
    name: 'unless unready addresses are wanted',
    service: service([http], { publishNotReadyAddresses: true }),
    pods: [pod('a', '10.0.0.1', { ready: false, going: true })],
    want: ['10.0.0.1||http:8080'],
  },
  {
    name: 'a headless service needs no port',
    service: service([], { clusterIP: 'None' }),
    pods: [pod('a', '10.0.0.1')],
    want: ['10.0.0.1||'],
  },
];

for (const one of cases) {
  test(one.name, () => assert.deepEqual(shown(one.service, one.pods), one.want));
}

test('beyond a thousand addresses the ready ones have precedence', () => {
  const pods = Array.from({ length: 1200 }, (_, n) =>
    pod(`p${n}`, `10.1.${n >> 8}.${n & 255}`, { ready: n % 2 === 0 }),
  );
  const { subsets, truncated } = planSubsets(service([http]), pods);
  assert.equal(truncated, true);
  assert.deepEqual([subsets[0]!.addresses!.length, subsets[0]!.notReadyAddresses!.length], [600, 400]);
});
