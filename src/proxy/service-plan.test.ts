import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { refusalsOfService } from './foreign-addresses.ts';
import { planService } from './service-plan.ts';

const node = { name: 'one', addresses: ['172.29.0.2'], podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };
const slices: EndpointSlice[] = [
  {
    metadata: { name: 'web-1' },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080 }],
    endpoints: [
      { addresses: ['10.244.0.5'], nodeName: 'one' },
      { addresses: ['10.244.1.5'], nodeName: 'two' },
    ],
  },
];

interface Parts {
  readonly spec?: Partial<Service['spec']>;
  readonly labels?: Record<string, string>;
  readonly ingress?: { ip: string; ipMode?: string }[];
}
function web({ spec, labels = {}, ingress }: Parts): Service {
  return {
    metadata: { namespace: 'default', name: 'web', labels },
    spec: { clusterIP: '10.96.0.10', ports: [{ port: 80 }], ...spec },
    ...(ingress && { status: { loadBalancer: { ingress } } }),
  };
}
const nodePort: Partial<Service['spec']> = { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] };
const balancer: Partial<Service['spec']> = { ...nodePort, type: 'LoadBalancer' };

/** One line for each frontend: `address protocol port > group`, with what is special about it. */
function shown(service: Service, found = slices): string[] {
  return planService(service, found, node).frontends.map((one) =>
    [
      `${one.address} ${one.protocol} ${one.port} > ${one.group.replace('default/web:/', '')}`,
      one.outside && `outside > ${one.outside.replace('default/web:/', '')}`,
      one.masquerade && 'masquerade',
      one.allowed && `only ${one.allowed.join(' ')}`,
    ]
      .filter(Boolean)
      .join(', '),
  );
}

const cluster = '10.96.0.10 tcp 80 > TCP on any node';
const others = { nodeAddresses: new Set(['172.29.0.3']) };
for (const [what, address] of [
  ['the API server', '10.96.0.1'],
  ['the DNS of the cluster, with zeros in front', '010.096.000.010'],
  ['a pod', '10.244.7.7'],
  ['this node', '172.29.0.2'],
  ['another node', '172.29.0.3'],
  ['the machine itself', '127.0.0.1'],
] as const)
  test(`no Service takes the address of ${what}, and it is told so`, () => {
    const external = web({ spec: { externalIPs: [address, '203.0.113.9'] } });
    const balanced = web({ spec: balancer, ingress: [{ ip: address }, { ip: '203.0.113.9' }] });
    for (const service of [external, balanced]) {
      const [own, ...more] = planService(service, slices, { ...node, ...others }).frontends.filter(
        ({ class: kind }) => kind !== 'node',
      );
      assert.deepEqual([own!.class, ...more.map((one) => one.address)], ['cluster', '203.0.113.9']);
      const refusals = refusalsOfService(service, { ...node, ...others });
      assert.deepEqual(
        refusals.map(({ field, address: refused }) => [field, refused]),
        [[service === external ? 'spec.externalIPs[0]' : 'status.loadBalancer.ingress[0].ip', address]],
      );
      assert.match(
        refusals[0]!.why,
        /^it is (a loopback address|the address of a node|in the range of (pods|cluster addresses), 10\.)/,
      );
    }
  });

test('an address with leading zeros is decimal everywhere, as it is for Kubernetes', () => {
  const odd = [{ ...slices[0]!, endpoints: [{ addresses: ['010.0.0.01'], nodeName: 'one' }] }];
  const { frontends, groups, hairpins } = planService(web({ spec: { externalIPs: ['203.000.113.011'] } }), odd, node);
  assert.deepEqual(
    frontends.map(({ address }) => address),
    ['10.96.0.10', '203.0.113.11'],
  );
  assert.deepEqual([groups[0]!.endpoints, hairpins], [['10.0.0.1 . 8080'], ['10.0.0.1']]);
});

const cases: readonly ({ name: string; want: string[] } & Parts)[] = [
  { name: 'a cluster address leads to any node', want: [cluster] },
  {
    name: 'with the internal policy Local to this one',
    spec: { internalTrafficPolicy: 'Local' },
    want: ['10.96.0.10 tcp 80 > TCP on this node'],
  },
  { name: 'a headless Service has no rule', spec: { clusterIP: 'None' }, want: [] },
  { name: 'nor has an ExternalName', spec: { type: 'ExternalName', externalName: 'a.b', clusterIP: '' }, want: [] },
  { name: 'nor one of another proxy', labels: { 'service.kubernetes.io/service-proxy-name': 'mine' }, want: [] },
  {
    name: 'protocols and several ports',
    spec: {
      ports: [
        { name: 'a', port: 53, protocol: 'UDP' },
        { name: 'b', port: 9, protocol: 'SCTP' },
      ],
    },
    want: ['10.96.0.10 udp 53 > default/web:a/UDP on any node', '10.96.0.10 sctp 9 > default/web:b/SCTP on any node'],
  },
  {
    name: 'a node port answers on the addresses of the node',
    spec: nodePort,
    want: [cluster, '172.29.0.2 tcp 30080 > TCP on any node, masquerade'],
  },
  {
    name: 'with the external policy Local it leads outsiders to this node only, and keeps their addresses',
    spec: { ...nodePort, externalTrafficPolicy: 'Local' },
    want: [cluster, '172.29.0.2 tcp 30080 > TCP on any node, outside > TCP on this node'],
  },
  {
    name: 'external addresses',
    spec: { externalIPs: ['192.0.2.1', '2001:db8::1'] },
    want: [cluster, '192.0.2.1 tcp 80 > TCP on any node, masquerade'],
  },
  {
    name: 'the address of a load balancer, unless that changes the destination itself',
    spec: balancer,
    ingress: [{ ip: '172.29.0.200' }, { ip: '172.29.0.201', ipMode: 'VIP' }, { ip: '172.29.0.202', ipMode: 'Proxy' }],
    want: [
      cluster,
      '172.29.0.200 tcp 80 > TCP on any node, masquerade',
      '172.29.0.201 tcp 80 > TCP on any node, masquerade',
      '172.29.0.2 tcp 30080 > TCP on any node, masquerade',
    ],
  },
  {
    name: 'an address that is left of a load balancer means nothing',
    ingress: [{ ip: '172.29.0.200' }],
    want: [cluster],
  },
  {
    name: 'source ranges count for the balancer only, and overlap nowhere',
    spec: { ...balancer, loadBalancerSourceRanges: ['10.1.0.0/16', ' 10.0.0.0/8', '192.0.2.1/32', '2001:db8::/64'] },
    ingress: [{ ip: '172.29.0.200' }],
    want: [
      cluster,
      '172.29.0.200 tcp 80 > TCP on any node, masquerade, only 10.0.0.0/8 192.0.2.1/32',
      '172.29.0.2 tcp 30080 > TCP on any node, masquerade',
    ],
  },
];

for (const { name, want, ...parts } of cases)
  test(`plan of a Service: ${name}`, () => assert.deepEqual(shown(web(parts)), want));

test('groups hold the endpoints that are asked for, and what happens without any', () => {
  const { groups, hairpins } = planService(
    web({ spec: { ...nodePort, externalTrafficPolicy: 'Local' } }),
    slices,
    node,
  );
  assert.deepEqual(groups, [
    {
      name: 'default/web:/TCP on any node',
      endpoints: ['10.244.0.5 . 8080', '10.244.1.5 . 8080'],
      otherwise: 'refuse',
    },
    { name: 'default/web:/TCP on this node', endpoints: ['10.244.0.5 . 8080'], otherwise: 'drop' },
  ]);
  assert.deepEqual(hairpins, ['10.244.0.5']);
});

test('a Service that nobody serves refuses everywhere', () => {
  const { groups } = planService(web({ spec: { ...nodePort, externalTrafficPolicy: 'Local' } }), [], node);
  assert.deepEqual(
    groups.map(({ otherwise }) => otherwise),
    ['refuse', 'refuse'],
  );
});

test('affinity lasts for three hours unless something else is asked for', () => {
  const stickiness = (spec: Partial<Service['spec']>) =>
    planService(web({ spec }), slices, node).groups[0]!.stickySeconds;
  const sessionAffinityConfig = { clientIP: { timeoutSeconds: 60 } };
  assert.equal(stickiness({ sessionAffinity: 'ClientIP' }), 10_800);
  assert.equal(stickiness({ sessionAffinity: 'ClientIP', sessionAffinityConfig }), 60);
  assert.equal(stickiness({ sessionAffinity: 'None' }), undefined);
});
