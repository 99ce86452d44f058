import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../../../api/core/v1/types.ts';
import { StatusError } from '../../../../apimachinery/status.ts';
import { fieldErrorText } from '../../../../apimachinery/validation.ts';
import { testContext } from '../../../testing/context.ts';
import { completed } from '../../../testing/definition.ts';
import { service } from './service.ts';

/** A little server: writes go through the kind's rules and claims as they do in the real one. */
function cluster(config = {}) {
  const { context, put, remove } = testContext({ config });
  let uids = 0;
  function write(name: string, spec: object, old?: Service): { draft: Service; release: (() => void) | undefined } {
    const metadata = { name, namespace: 'default', uid: old?.metadata.uid ?? `uid-${++uids}` };
    const draft = completed(service, { kind: 'Service', metadata, spec });
    const { strategy, allocator } = service;
    if (old === undefined) strategy.prepareForCreate!(draft, context);
    else strategy.prepareForUpdate!(draft, old, context);
    const errors = strategy.validate!(draft, old, context).map(fieldErrorText);
    if (errors.length > 0) throw new Error(errors.join('; '));
    return { draft, release: allocator!.claim(draft, old, context, false) };
  }
  return {
    write,
    /** Writes and commits. */
    save(name: string, spec: object, old?: Service): Service {
      const { draft } = write(name, spec, old);
      put(draft);
      return draft;
    },
    remove: (name: string) => remove('Service', `default/${name}`),
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

test('a service gets one address of the range, and each another one', () => {
  const { save } = cluster();
  const [a, b] = [save('a', { ports }), save('b', { ports })];
  assert.match(a.spec.clusterIP!, /^10\.96\.\d+\.\d+$/);
  assert.notEqual(a.spec.clusterIP, b.spec.clusterIP);
  assert.deepEqual(
    [a.spec.clusterIPs, a.spec.ipFamilies, a.spec.ipFamilyPolicy],
    [[a.spec.clusterIP], ['IPv4'], 'SingleStack'],
  );
});

test('an address is refused while another service has it, and free again when that is gone', () => {
  const { save, remove } = cluster();
  save('a', { ports, clusterIP: '10.96.0.50' });
  const again = () => save('b', { ports, clusterIP: '10.96.0.50' });
  assert.equal(
    message(again),
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.50"]: failed to allocate IP 10.96.0.50: provided IP is already allocated',
  );
  remove('a');
  assert.equal(again().spec.clusterIP, '10.96.0.50');
});

test('an address of another network is refused', () => {
  assert.equal(
    message(() => cluster().save('a', { ports, clusterIP: '10.1.2.3' })),
    'Service "a" is invalid: spec.clusterIPs: Invalid value: ["10.1.2.3"]: failed to allocate IP 10.1.2.3: the provided network does not match the current range',
  );
});

test('of two writes under way only one gets an address, and a failed write gives it back', () => {
  const { write } = cluster();
  const first = write('a', { ports, clusterIP: '10.96.0.50' });
  assert.match(
    message(() => write('b', { ports, clusterIP: '10.96.0.50' })),
    /already allocated/,
  );
  first.release!();
  assert.equal(write('c', { ports, clusterIP: '10.96.0.50' }).draft.spec.clusterIP, '10.96.0.50');
});

test('all addresses of a small range are given out, then it is full', () => {
  const { save } = cluster({ serviceCidr: '10.0.0.0/28' });
  const addresses = Array.from({ length: 14 }, (_, i) => save(`s${i}`, { ports }).spec.clusterIP);
  assert.equal(new Set(addresses).size, 14);
  assert.match(
    message(() => save('more', { ports })),
    /range is full/,
  );
});

test('node ports are drawn, kept by name on update, and refused when taken', () => {
  const { save } = cluster();
  const old = save('a', { type: 'NodePort', ports: [{ name: 'x', port: 80 }] });
  const { nodePort } = old.spec.ports![0]!;
  assert.ok(nodePort! >= 30000 && nodePort! <= 32767);
  const now = save(
    'a',
    {
      type: 'NodePort',
      ports: [
        { name: 'y', port: 81 },
        { name: 'x', port: 80 },
      ],
    },
    old,
  );
  assert.equal(now.spec.ports![1]!.nodePort, nodePort);
  assert.notEqual(now.spec.ports![0]!.nodePort, nodePort);
  assert.equal(
    message(() => save('b', { type: 'NodePort', ports: [{ port: 80, nodePort }] })),
    `Service "b" is invalid: spec.ports[0].nodePort: Invalid value: ${nodePort}: provided port is already allocated`,
  );
  assert.match(
    message(() => save('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })),
    /provided port is not in the valid range\. The range of valid ports is 30000-32767/,
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
