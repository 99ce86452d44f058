import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../../../api/core/v1/types.ts';
import { StatusError } from '../../../../apimachinery/status.ts';
import { fieldErrorText } from '../../../../apimachinery/validation.ts';
import { anonymous } from '../../../auth/auth.ts';
import { testContext } from '../../../testing/context.ts';
import { complaintsAbout, completed } from '../../../testing/definition.ts';
import { service } from './service.ts';

/**
 * Writes as they go through the kind's rules; nothing is stored. test/integration/api/service-allocation.test.ts has
 * the real ones.
 */
function cluster(config = {}) {
  const { context } = testContext({ config });
  let uids = 0;
  return {
    save(name: string, spec: object, old?: Service): Service {
      const metadata = { name, namespace: 'default', uid: old?.metadata.uid ?? `uid-${++uids}` };
      const draft = completed(service, { kind: 'Service', metadata, spec });
      const { strategy } = service;
      if (old === undefined) strategy.prepareForCreate!(draft, context, anonymous);
      else strategy.prepareForUpdate!(draft, old, context);
      const errors = strategy.validate!(draft, old, context).map(fieldErrorText);
      if (errors.length > 0) throw new Error(errors.join('; '));
      return draft;
    },
  };
}

const ports = [{ port: 80 }];

function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('an address of another network is refused', () => {
  assert.equal(
    message(() => cluster().save('a', { ports, clusterIP: '10.1.2.3' })),
    'Service "a" is invalid: spec.clusterIPs: Invalid value: ["10.1.2.3"]: failed to allocate IP 10.1.2.3: the provided network does not match the current range',
  );
});

test('one port by two protocols shares its node port', () => {
  const { spec } = cluster().save('dns', {
    type: 'NodePort',
    ports: [
      { name: 't', port: 53 },
      { name: 'u', port: 53, protocol: 'UDP' },
    ],
  });
  assert.equal(spec.ports![0]!.nodePort, spec.ports![1]!.nodePort);
});

test('a load balancer that wants no more node ports keeps those that it has', () => {
  const { save } = cluster();
  const old = save('a', { type: 'LoadBalancer', ports });
  const { nodePort } = old.spec.ports![0]!;
  const less = save('a', { ...old.spec, allocateLoadBalancerNodePorts: false }, old);
  assert.equal(typeof nodePort, 'number');
  assert.equal(less.spec.ports![0]!.nodePort, nodePort);
});

test('what is wrong with a class of load balancers is told twice of a change, as Kubernetes does', () => {
  const { save } = cluster();
  const old = save('a', { ports });
  const told = "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'";
  assert.deepEqual(complaintsAbout(service, { spec: { ...old.spec, loadBalancerClass: 'x' } }, old), [told, told]);
});

test('a service that loses its type loses what belonged to it', () => {
  const { save } = cluster();
  const old = save('a', { type: 'NodePort', ports });
  const plain = save('a', { ...old.spec, type: 'ClusterIP' }, old);
  assert.deepEqual(plain.spec.ports, [{ port: 80, protocol: 'TCP', targetPort: 80 }]);
  assert.equal(plain.spec.externalTrafficPolicy, undefined);
  const named = save('a', { ...plain.spec, type: 'ExternalName', externalName: 'a.b' }, plain);
  assert.deepEqual(named.spec, {
    type: 'ExternalName',
    externalName: 'a.b',
    ports: plain.spec.ports,
    sessionAffinity: 'None',
  });
});

test('an update without the address keeps it, one with another is refused', () => {
  const { save } = cluster();
  const old = save('a', { ports });
  assert.equal(save('a', { ports, selector: { a: 'b' } }, old).spec.clusterIP, old.spec.clusterIP);
  assert.equal(
    message(() => save('a', { ...old.spec, clusterIP: '10.96.0.77' }, old)),
    'spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set',
  );
});

test('a service without address and selector may have addresses of both families', () => {
  const { spec } = cluster().save('a', { clusterIP: 'None' });
  assert.deepEqual([spec.ipFamilies, spec.ipFamilyPolicy], [['IPv4', 'IPv6'], 'RequireDualStack']);
});

test('refusals of values are Invalid', () => {
  assert.throws(
    () => cluster().save('a', { ports, ipFamilyPolicy: 'RequireDualStack' }),
    (error) =>
      error instanceof StatusError &&
      error.status.details?.causes?.[0]?.message ===
        'Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
  );
});

const complaints: readonly { name: string; spec: object; want: string }[] = [
  { name: 'no ports', spec: {}, want: 'spec.ports: Required value' },
  {
    name: 'two ports without names',
    spec: { ports: [{ port: 80 }, { port: 81 }] },
    want: 'spec.ports[0].name: Required value; spec.ports[1].name: Required value',
  },
  {
    name: 'no name for an external one',
    spec: { type: 'ExternalName' },
    want: 'spec.externalName: Required value',
  },
  {
    name: 'traffic from outside where there is none',
    spec: { ports, externalTrafficPolicy: 'Local' },
    want: 'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  },
  {
    name: 'affinity of a week',
    spec: { ports, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 604800 } } },
    want: 'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 604800: must be greater than 0 and less than 86400',
  },
  {
    name: 'a source range for a cluster service',
    spec: { ports, loadBalancerSourceRanges: ['10.0.0.0/8'] },
    want: "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
  },
  {
    name: 'an external address on this machine',
    spec: { ports, externalIPs: ['127.0.0.1'] },
    want: 'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  },
];
for (const { name, spec, want } of complaints) {
  test(`service with ${name}`, () =>
    assert.equal(
      message(() => cluster().save('a', spec)),
      want,
    ));
}

test('columns of a load balancer', () => {
  const { save } = cluster();
  const balanced = save('a', { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30080 }], clusterIP: '10.96.0.9' });
  const cells = () => service.columns!.cells(balanced, 0).slice(0, 5);
  assert.deepEqual(cells(), ['a', 'LoadBalancer', '10.96.0.9', '<pending>', '80:30080/TCP']);
  balanced.status = { loadBalancer: { ingress: [{ ip: '192.0.2.2' }, { hostname: 'b.example' }] } };
  assert.equal(cells()[3], '192.0.2.2,b.example');
});
