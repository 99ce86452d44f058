import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Services, type Service, type ServicePort } from '../../../src/api/core/v1/types.ts';
import { IPAddresses, ServiceCIDRs } from '../../../src/api/networking/v1/types.ts';
import { isStatus, StatusError } from '../../../src/apimachinery/status.ts';
import { superuser, type ApiServer } from '../../../src/apiserver/api-server.ts';
import { PortBitmap } from '../../../src/apiserver/resources/core/service/port-bitmap.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { StoreFailedError, type Store } from '../../../src/store/store.ts';
import { gappedStore, startMemoryApi, type MemoryApiOptions } from '../../kit/memory-api.ts';

const namespace = 'default';
const ports = [{ port: 80 }];
const nodePorts = { from: 30000, to: 32767 };
const minutes = 60_000;

async function cluster(options: MemoryApiOptions = {}) {
  const store = options.store ?? gappedStore();
  const api = await startMemoryApi({ ...options, store });
  return { api, store, ...callsTo(api, store), [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

function callsTo(api: ApiServer, store: Store) {
  const client = createClient(api.transport(superuser, 'test'));
  const service = (name: string, spec: object) => ({ metadata: { name, namespace }, spec }) as unknown as Service;
  return {
    client,
    create: (name: string, spec: object) => client.create(Services, service(name, spec)),
    update: (name: string, spec: object) => client.update(Services, service(name, spec)),
    remove: (name: string) => client.delete(Services, { namespace, name }),
    addresses: async () => (await client.list(IPAddresses)).items.map(({ metadata }) => metadata.name).sort(),
    /** The node ports that are taken, as they are stored. */
    async taken() {
      const { entry } = await store.read('/registry/ranges/servicenodeports');
      return entry === undefined ? [] : [...PortBitmap.decode(entry.value, nodePorts).ports()];
    },
    /** What the Services hold. */
    async held() {
      const { items } = await client.list(Services);
      return {
        addresses: items.flatMap(({ spec }) => (spec.clusterIPs ?? []).filter((one) => one !== 'None')).sort(),
        ports: [...new Set(items.flatMap(portsOf))].sort((a, b) => a - b),
      };
    },
  };
}

function portsOf({ spec }: Readonly<Service>): number[] {
  const some = (spec.ports ?? []).map(({ nodePort }: ServicePort) => nodePort ?? 0);
  return [...some, spec.healthCheckNodePort ?? 0].filter((port) => port > 0);
}

/** Nothing is allocated but what the Services have, and all of that. */
async function agrees({ addresses, taken, held }: ReturnType<typeof callsTo>): Promise<void> {
  assert.deepEqual({ addresses: await addresses(), ports: await taken() }, await held());
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((error: unknown) => error);
  assert.ok(error instanceof StatusError, `${String(error)} is no refusal`);
  return error.status.message ?? '';
}

test('a Service gets one address of the range, and each another one, as IPAddress objects', async () => {
  await using it = await cluster();
  const [a, b] = [await it.create('a', { ports }), await it.create('b', { ports })];
  assert.match(a.spec.clusterIP!, /^10\.96\.\d+\.\d+$/);
  assert.notEqual(a.spec.clusterIP, b.spec.clusterIP);
  assert.deepEqual(
    [a.spec.clusterIPs, a.spec.ipFamilies, a.spec.ipFamilyPolicy],
    [[a.spec.clusterIP], ['IPv4'], 'SingleStack'],
  );
  const address = await it.client.get(IPAddresses, { name: a.spec.clusterIP! });
  assert.deepEqual(address.metadata.labels, {
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  });
  assert.deepEqual(address.spec, { parentRef: { group: '', resource: 'services', namespace, name: 'a' } });
  await it.remove('a');
  assert.ok(!(await it.addresses()).includes(a.spec.clusterIP!));
  await agrees(it);
});

test('an address is refused while another Service has it, and free again when that is gone', async () => {
  await using it = await cluster();
  await it.create('a', { ports, clusterIP: '10.96.0.50' });
  const again = () => it.create('b', { ports, clusterIP: '10.96.0.50' });
  const taken =
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.50"]: failed to allocate IP 10.96.0.50: provided IP is already allocated';
  assert.equal(await refusal(again()), taken);
  await it.remove('a');
  assert.equal((await again()).spec.clusterIP, '10.96.0.50');
  await it.client.create(IPAddresses, {
    metadata: { name: '10.96.0.51' },
    spec: { parentRef: { resource: 'gateways', group: 'example.com', name: 'mine' } },
  });
  const reserved = it.create('b', { ports, clusterIP: '10.96.0.51' });
  assert.match(await refusal(reserved), /failed to allocate IP 10\.96\.0\.51: provided IP is already allocated$/);
});

test('an address of another network is refused, until a ServiceCIDR has it', async () => {
  await using it = await cluster();
  const create = () => it.create('a', { ports, clusterIP: '10.1.2.3' });
  assert.equal(
    await refusal(create()),
    'Service "a" is invalid: spec.clusterIPs: Invalid value: ["10.1.2.3"]: failed to allocate IP 10.1.2.3: the provided network does not match the current range',
  );
  await it.client.create(ServiceCIDRs, { metadata: { name: 'more' }, spec: { cidrs: ['10.1.2.0/24'] } });
  assert.equal((await create()).spec.clusterIP, '10.1.2.3');
  await it.client.patch(ServiceCIDRs, { name: 'more' }, { type: 'merge', body: { metadata: { finalizers: ['x/y'] } } });
  await it.client.delete(ServiceCIDRs, { name: 'more' });
  const late = it.create('b', { ports, clusterIP: '10.1.2.4' });
  assert.match(await refusal(late), /the provided network does not match the current range$/);
});

test('all addresses of a small range are given out, then it is full', async () => {
  await using it = await cluster({ config: { serviceCidr: '10.0.0.0/28', clusterDns: '10.0.0.10' } });
  const { addresses } = await it.held();
  const left = 14 - addresses.length;
  const given = await Promise.all(Array.from({ length: left }, (_, i) => it.create(`s${i}`, { ports })));
  assert.equal(new Set(given.map(({ spec }) => spec.clusterIP)).size, left);
  assert.match(await refusal(it.create('more', { ports })), /range is full/);
  await agrees(it);
});

test('node ports are drawn, kept by name on update, and refused when taken', async () => {
  await using it = await cluster();
  const old = await it.create('a', { type: 'NodePort', ports: [{ name: 'x', port: 80 }] });
  const { nodePort } = old.spec.ports![0]!;
  assert.ok(nodePort! >= 30000 && nodePort! <= 32767);
  const now = await it.update('a', {
    type: 'NodePort',
    ports: [
      { name: 'y', port: 81 },
      { name: 'x', port: 80 },
    ],
  });
  assert.equal(now.spec.ports![1]!.nodePort, nodePort);
  assert.notEqual(now.spec.ports![0]!.nodePort, nodePort);
  assert.equal(
    await refusal(it.create('b', { type: 'NodePort', ports: [{ port: 80, nodePort }] })),
    `Service "b" is invalid: spec.ports[0].nodePort: Invalid value: ${nodePort}: provided port is already allocated`,
  );
  assert.match(
    await refusal(it.create('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })),
    /provided port is not in the valid range\. The range of valid ports is 30000-32767/,
  );
  await it.update('a', { type: 'ClusterIP', ports });
  assert.deepEqual(await it.taken(), []);
  await it.update('a', { type: 'ExternalName', externalName: 'example.com' });
  await agrees(it);
});

test('a dry run and a refused write take nothing', async () => {
  await using it = await cluster();
  const before = [await it.addresses(), await it.taken()];
  const spec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30500 }], clusterIP: '10.96.0.77' };
  const object = { metadata: { name: 'a', namespace }, spec } as unknown as Service;
  const dry = await it.api
    .transport(superuser, 'test')
    .call({ verb: 'create', type: Services, namespace, body: object, options: { dryRun: 'All' } });
  assert.equal((dry as Service).spec.clusterIP, '10.96.0.77');
  await it.create('there', { ports });
  const after = await it.addresses();
  const error = await it.create('there', spec).catch((error: unknown) => error);
  assert.ok(isStatus(error, 'AlreadyExists'));
  assert.deepEqual([await it.addresses(), await it.taken()], [after, before[1]]);
  await agrees(it);
});

test('of fifty clients that race for the same values one wins, and nothing leaks', async () => {
  await using it = await cluster();
  const spec = { type: 'NodePort', clusterIP: '10.96.0.99', ports: [{ port: 80, nodePort: 30123 }] };
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => it.create(`s${i}`, spec)));
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') assert.match(String(outcome.reason), /already allocated/);
  await agrees(it);
  const drawn = { type: 'NodePort', ports };
  await Promise.all(Array.from({ length: 50 }, (_, i) => it.create(`d${i}`, drawn)));
  await agrees(it);
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? it.remove(`d${i}`) : it.update(`d${i}`, { ports }))),
  );
  await agrees(it);
});

test('two servers on one store never give a value twice', async () => {
  await using one = await cluster();
  await using other = await cluster({ store: one.store });
  const spec = { type: 'NodePort', clusterIP: '10.96.0.98', ports: [{ port: 80, nodePort: 30124 }] };
  const wanted = await Promise.allSettled([one.create('a', spec), other.create('b', spec)]);
  assert.deepEqual(wanted.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const drawn = { type: 'NodePort', ports };
  const servers = [one, other];
  const made = await Promise.all(Array.from({ length: 60 }, (_, i) => servers[i % 2]!.create(`d${i}`, drawn)));
  assert.equal(new Set(made.map(({ spec: { clusterIP } }) => clusterIP)).size, 60);
  assert.equal(new Set(made.flatMap(portsOf)).size, 60);
  await agrees(one);
  await agrees(other);
});

test('whatever is created, changed and deleted, allocated is what Services have', async () => {
  const names = ['a', 'b', 'c'];
  const step = fc.record({
    name: fc.constantFrom(...names),
    do: fc.constantFrom('create', 'update', 'update', 'remove'),
    type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName', 'Headless'),
    address: fc.constantFrom(undefined, '10.96.0.60', '10.96.0.61'),
    ports: fc.array(fc.constantFrom(0, 30001, 30002), { minLength: 1, maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 }), async (rounds) => {
      await using it = await cluster();
      for (const round of rounds) {
        const outcomes = await Promise.allSettled(
          round.map(({ name, do: what, type, address, ports: numbers }) => {
            if (what === 'remove') return it.remove(name);
            const spec = {
              type: type === 'Headless' ? 'ClusterIP' : type,
              ...(type === 'ExternalName' ? { externalName: 'example.com' } : {}),
              ...(type === 'Headless' ? { clusterIP: 'None' } : {}),
              ...(address !== undefined && type !== 'ExternalName' && type !== 'Headless'
                ? { clusterIP: address }
                : {}),
              ...(type === 'LoadBalancer' ? { externalTrafficPolicy: 'Local' } : {}),
              ports: numbers.map((nodePort, i) => ({
                name: `p${i}`,
                port: 80 + i,
                ...(nodePort > 0 && (type === 'NodePort' || type === 'LoadBalancer') ? { nodePort } : {}),
              })),
            };
            return what === 'create' ? it.create(name, spec) : it.update(name, spec);
          }),
        );
        for (const outcome of outcomes)
          if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof StatusError, String(outcome.reason));
        await agrees(it);
      }
    }),
    { numRuns: 12 },
  );
});

test('a write that the store refuses at the last moment gives everything back', async () => {
  const inner = new MemoryStore({ clock: new VirtualClock() });
  let isFull = false;
  const store = new Proxy(inner as Store, {
    get(target, name) {
      if (name === 'txn')
        return (...args: Parameters<Store['txn']>) =>
          isFull && args[0].startsWith('/registry/services/') && 'put' in args[2]
            ? Promise.reject(new StoreFailedError('full'))
            : target.txn(...args);
      const member = Reflect.get(target, name, target) as unknown;
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  await using it = await cluster({ store });
  isFull = true;
  await assert.rejects(it.create('a', { type: 'NodePort', ports }));
  isFull = false;
  await agrees(it);
});

test('at its start a server makes addresses for the Services of an older one, and lets go of what nobody has', async () => {
  const clock = new VirtualClock();
  const store = gappedStore(clock);
  {
    await using it = await cluster({ store, clock });
    await it.create('a', { type: 'NodePort', clusterIP: '10.96.0.50', ports: [{ port: 80, nodePort: 30100 }] });
  }
  await store.txn('/registry/ranges/servicenodeports', 'any', { delete: true });
  const addresses = '/registry/ipaddresses.networking.k8s.io/';
  const there = await store.range({ start: addresses, end: `${addresses}~` });
  assert.ok(there.entries.some(({ key }) => key === `${addresses}10.96.0.50`));
  for (const { key } of there.entries) await store.txn(key, 'any', { delete: true });
  await using it = await cluster({ store, clock });
  await agrees(it);
  assert.deepEqual(await it.taken(), [30100]);

  await it.client.create(IPAddresses, {
    metadata: { name: '10.96.0.90', labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
    spec: { parentRef: { resource: 'services', namespace, name: 'never' } },
  });
  await it.api.context.nodePorts.allocate([30200]);
  await clock.advance(3 * minutes + 1);
  assert.ok(!(await it.addresses()).includes('10.96.0.90'));
  assert.deepEqual(await it.taken(), [30100, 30200], 'it may belong to a Service that is being made');
  await clock.advance(6 * minutes);
  await agrees(it);
});

test('an IPAddress that is deleted under a Service comes back, and so does the default ServiceCIDR', async () => {
  const clock = new VirtualClock();
  await using it = await cluster({ clock, store: new MemoryStore({ clock }) });
  await it.create('a', { ports, clusterIP: '10.96.0.50' });
  await it.client.delete(IPAddresses, { name: '10.96.0.50' });
  await clock.settle();
  assert.ok((await it.addresses()).includes('10.96.0.50'));
  const { spec, status } = await it.client.get(ServiceCIDRs, { name: 'kubernetes' });
  assert.deepEqual(spec, { cidrs: ['10.96.0.0/16'] });
  assert.deepEqual(
    status?.conditions?.map(({ type, status, message }) => [type, status, message]),
    [['Ready', 'True', 'Kubernetes default Service CIDR is ready']],
  );
  await it.client.delete(ServiceCIDRs, { name: 'kubernetes' });
  await clock.advance(10_001);
  assert.deepEqual((await it.client.get(ServiceCIDRs, { name: 'kubernetes' })).spec, spec);
});
