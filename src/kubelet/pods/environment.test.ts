import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Service } from '../../api/core/v1/types.ts';
import { makeContainer, makePod } from '../testing/pods.ts';
import { environmentOf, type EnvironmentSources } from './environment.ts';
import { expand } from './expand.ts';
import { containersOf } from './pod-containers.ts';
import { serviceEnvironment } from './service-environment.ts';

const expansions: [string, string][] = [
  ['$(A)', 'one'],
  ['x$(A)y$(B)z', 'xoneytwoz'],
  ['$(NOPE)', '$(NOPE)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$one'],
  ['$A', '$A'],
  ['$(A', '$(A'],
  ['100$', '100$'],
  ['$$', '$'],
  ['$()', '$()'],
];
for (const [text, want] of expansions)
  test(`expand: ${text} is ${want}`, () => {
    const known: Record<string, string> = { A: 'one', B: 'two' };
    assert.equal(
      expand(text, (name) => known[name]),
      want,
    );
  });

/** Each is twice the one before it. */
const doubling = (count: number) => [
  { name: 'V0', value: 'x'.repeat(1024) },
  ...Array.from({ length: count }, (_, at) => ({ name: `V${at + 1}`, value: `$(V${at})$(V${at})` })),
];
const tooLong: { name: string; env: Container['env'] }[] = [
  { name: 'a value that has doubled often', env: doubling(8) },
  {
    name: 'many that are long',
    env: [...doubling(7), ...Array.from({ length: 60 }, (_, at) => ({ name: `W${at}`, value: '$(V7)' }))],
  },
];
for (const { name, env } of tooLong)
  test(`environment: ${name}: is not made where the kernel would not take it`, async () => {
    const pod = makePod({ containers: [makeContainer('app', { env })] });
    await assert.rejects(environmentOf(pod, containersOf(pod)[0]!, sources()), { message: 'argument list too long' });
  });

test('environment: values that cannot be variables count, too: somebody reads them', async () => {
  const secretRef = { name: 'large' };
  const envFrom = Array.from({ length: 10 }, (_, at) => ({ prefix: `${at}`, secretRef }));
  const pod = makePod({ containers: [makeContainer('app', { envFrom })] });
  const data = { 'no=name': Buffer.alloc(2 ** 20).toString('base64') };
  const secret = async () => ({ metadata: secretRef, data });
  await assert.rejects(environmentOf(pod, containersOf(pod)[0]!, { ...sources(), secret }), {
    message: 'argument list too long',
  });
});

const settings = { metadata: { name: 'settings' }, data: { host: 'db', 'bad=key': 'x' } };
const password = { metadata: { name: 'password' }, data: { word: Buffer.from('open').toString('base64') } };
const key = (name: string, of: string, optional?: boolean) => ({ name, key: of, ...(optional && { optional }) });

const rows: { name: string; container: Partial<Container>; want: Record<string, string> | string }[] = [
  { name: 'plain values', container: { env: [{ name: 'A', value: '1' }, { name: 'B' }] }, want: { A: '1', B: '' } },
  {
    name: 'values made of earlier ones',
    container: {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '$(A)$(C)' },
        { name: 'C', value: '3' },
      ],
    },
    want: { A: '1', B: '1$(C)', C: '3' },
  },
  {
    name: 'a key of a ConfigMap',
    container: { env: [{ name: 'A', valueFrom: { configMapKeyRef: key('settings', 'host') } }] },
    want: { A: 'db' },
  },
  {
    name: 'a key of a Secret',
    container: { env: [{ name: 'A', valueFrom: { secretKeyRef: key('password', 'word') } }] },
    want: { A: 'open' },
  },
  {
    name: 'a ConfigMap that is not there',
    container: { env: [{ name: 'A', valueFrom: { configMapKeyRef: key('none', 'host') } }] },
    want: 'configmap "none" not found',
  },
  {
    name: 'a Secret that is not there',
    container: { env: [{ name: 'A', valueFrom: { secretKeyRef: key('none', 'x') } }] },
    want: 'secret "none" not found',
  },
  {
    name: 'a key that is not there',
    container: { env: [{ name: 'A', valueFrom: { configMapKeyRef: key('settings', 'port') } }] },
    want: "couldn't find key port in ConfigMap default/settings",
  },
  {
    name: 'a key of a Secret that is not there',
    container: { env: [{ name: 'A', valueFrom: { secretKeyRef: key('password', 'port') } }] },
    want: "couldn't find key port in Secret default/password",
  },
  {
    name: 'what is missing and optional',
    container: {
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: key('none', 'x', true) } },
        { name: 'B', valueFrom: { secretKeyRef: key('password', 'x', true) } },
      ],
    },
    want: {},
  },
  {
    name: 'all of a ConfigMap',
    container: { envFrom: [{ prefix: 'DB_', configMapRef: { name: 'settings' } }] },
    want: { DB_host: 'db' },
  },
  {
    name: 'all of a Secret, one replaced',
    container: { envFrom: [{ secretRef: { name: 'password' } }], env: [{ name: 'word', value: 'shut' }] },
    want: { word: 'shut' },
  },
  {
    name: 'all of what is not there',
    container: { envFrom: [{ configMapRef: { name: 'none' } }] },
    want: 'configmap "none" not found',
  },
  {
    name: 'all of what may be missing',
    container: { envFrom: [{ secretRef: { name: 'none', optional: true } }] },
    want: {},
  },
  {
    name: 'fields of the pod',
    container: {
      env: [
        'metadata.name',
        'metadata.namespace',
        'metadata.uid',
        "metadata.labels['app']",
        'spec.nodeName',
        'status.podIP',
        'status.hostIP',
      ].map((fieldPath, i) => ({ name: `F${i}`, valueFrom: { fieldRef: { fieldPath } } })),
    },
    want: { F0: 'web', F1: 'default', F2: 'u1', F3: 'shop', F4: 'n1', F5: '10.0.0.1', F6: '192.0.2.1' },
  },
  {
    name: 'a field that there is not',
    container: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nothing' } } }] },
    want: 'unsupported fieldPath: spec.nothing',
  },
  {
    name: 'a key of a file',
    container: { env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'f', key: 'k' } } }] },
    want: 'variable A of a file (fileKeyRef) is not supported',
  },
  {
    name: 'resources, in the units asked for, rounded up',
    container: {
      resources: { limits: { cpu: '1500m', memory: '64Mi' }, requests: { cpu: '100m' } },
      env: [
        ['limits.cpu', undefined],
        ['limits.cpu', '1m'],
        ['limits.memory', '1Mi'],
        ['limits.memory', undefined],
        ['requests.cpu', '1m'],
        ['requests.memory', undefined],
      ].map(([resource, divisor], i) => ({
        name: `R${i}`,
        valueFrom: { resourceFieldRef: { resource: resource!, ...(divisor && { divisor }) } },
      })),
    },
    want: { R0: '2', R1: '1500', R2: '64', R3: '67108864', R4: '100', R5: '0' },
  },
  {
    name: 'a limit that is not set is what the node has',
    container: { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] },
    want: { A: '4' },
  },
];
for (const { name, container, want } of rows)
  test(`environment: ${name}`, async () => {
    const pod = makePod(
      { nodeName: 'n1', containers: [makeContainer('app', container)] },
      { metadata: { name: 'web', labels: { app: 'shop' } } },
    );
    const made = environmentOf(pod, containersOf(pod)[0]!, sources());
    if (typeof want === 'string') return await assert.rejects(made, { name: 'ConfigurationError', message: want });
    assert.deepEqual(Object.fromEntries((await made).variables.map((one) => [one.name, one.value])), want);
  });

test('keys that cannot be names are left out and told', async () => {
  const pod = makePod({ containers: [makeContainer('app', { envFrom: [{ configMapRef: { name: 'settings' } }] })] });
  const { skipped } = await environmentOf(pod, containersOf(pod)[0]!, sources());
  assert.deepEqual(skipped, [{ source: 'configMap default/settings', keys: ['bad=key'] }]);
});

const services = [
  service('kubernetes', 'default', 443),
  service('my-db', 'shop', 5432),
  service('other', 'elsewhere', 80),
  service('headless', 'shop', 80, 'None'),
];

test('Services of the namespace become variables, and the API server in any case', () => {
  const names = (namespace: string, links: boolean) =>
    Object.keys(serviceEnvironment(services, namespace, links)).filter((name) => name.endsWith('_SERVICE_HOST'));
  assert.deepEqual(names('shop', true), ['KUBERNETES_SERVICE_HOST', 'MY_DB_SERVICE_HOST']);
  assert.deepEqual(names('shop', false), ['KUBERNETES_SERVICE_HOST']);
  const { KUBERNETES_PORT, ...db } = serviceEnvironment(services, 'shop', true);
  assert.equal(KUBERNETES_PORT, 'tcp://10.96.0.1:443');
  const own = Object.fromEntries(Object.entries(db).filter(([name]) => name.startsWith('MY_DB')));
  assert.deepEqual(own, {
    MY_DB_SERVICE_HOST: '10.96.0.1',
    MY_DB_SERVICE_PORT: '5432',
    MY_DB_SERVICE_PORT_MAIN: '5432',
    MY_DB_PORT: 'tcp://10.96.0.1:5432',
    MY_DB_PORT_5432_TCP: 'tcp://10.96.0.1:5432',
    MY_DB_PORT_5432_TCP_PROTO: 'tcp',
    MY_DB_PORT_5432_TCP_PORT: '5432',
    MY_DB_PORT_5432_TCP_ADDR: '10.96.0.1',
  });
});

function service(name: string, namespace: string, port: number, clusterIP = '10.96.0.1'): Service {
  return { metadata: { name, namespace }, spec: { clusterIP, ports: [{ name: 'main', port, protocol: 'TCP' }] } };
}

function sources(): EnvironmentSources {
  return {
    services: [],
    addresses: { podIps: ['10.0.0.1'], hostIps: ['192.0.2.1'] },
    allocatable: { cpu: '4', memory: '8Gi' },
    configMap: async (name) => (name === 'settings' ? settings : undefined),
    secret: async (name) => (name === 'password' ? password : undefined),
  };
}

test('a name that does not close is looked for once', () => {
  assert.equal(
    expand('$(A) $(B $x $(C', () => 'v'),
    'v $(B $x $(C',
  );
  assert.throws(() => expand('$('.repeat(700_000), () => undefined), { message: 'argument list too long' });
});
