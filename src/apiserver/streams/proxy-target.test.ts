import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatus } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import { parseProxyName, podTarget, serviceTarget } from './proxy-target.ts';

for (const { text, want } of [
  { text: 'web', want: { scheme: 'http', name: 'web', port: '' } },
  { text: 'web:8080', want: { scheme: 'http', name: 'web', port: '8080' } },
  { text: 'https:web:admin', want: { scheme: 'https', name: 'web', port: 'admin' } },
  { text: ':web:80', want: { scheme: 'http', name: 'web', port: '80' } },
]) {
  test(`the proxy name "${text}" is read`, () => assert.deepEqual(parseProxyName(text), want));
}

for (const text of ['', 'ftp:web:80', 'a:b:c:d']) {
  test(`the proxy name "${text}" is refused`, () =>
    assert.throws(
      () => parseProxyName(text),
      (error) => isStatus(error, 'BadRequest'),
    ));
}

const pod = (podIP: string) => ({
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'app', ports: [{ containerPort: 3000, name: 'web' }] }] },
  status: { podIP },
});

test('a pod is reached at its first port, by the name of a port, or by a number', () => {
  const port = (text: string) => podTarget(pod('10.244.0.9'), parseProxyName(text)).port;
  assert.deepEqual([port('web'), port('web:web'), port('web:9090')], [3000, 3000, 9090]);
});

for (const address of ['127.0.0.1', '169.254.169.254', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '']) {
  test(`a pod at "${address}" is not reached`, () =>
    assert.throws(
      () => podTarget(pod(address), parseProxyName('web')),
      (error) => isStatus(error, 'BadRequest'),
    ));
}

const targetRef = { kind: 'Pod', namespace: 'a', name: 'web' };
const slice = {
  metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 3000, protocol: 'TCP' }],
  endpoints: [
    { addresses: ['10.244.0.7'], conditions: { ready: false }, targetRef },
    { addresses: ['10.244.0.8'], conditions: { ready: true }, targetRef },
  ],
};
const service = { metadata: { name: 'web', namespace: 'a' }, spec: { ports: [{ name: 'http', port: 80 }] } };
const pods = { 'a/web': ['10.244.0.7', '10.244.0.8', '127.0.0.1'], 'b/web': ['10.244.0.8'] } as Record<
  string,
  string[]
>;
const context = (slices: object[]) =>
  ({
    scan: () => slices,
    lookup: (_type: unknown, { namespace, name }: { namespace: string; name: string }) => {
      const addresses = pods[`${namespace}/${name}`];
      return addresses && { status: { podIPs: addresses.map((ip) => ({ ip })) } };
    },
    random: { next: () => 0 },
  }) as unknown as ServerContext;
const sliceOf = (endpoint: object) => [{ ...slice, endpoints: [endpoint] }];

for (const { text, slices = [slice], want } of [
  { text: 'web:http', want: '10.244.0.8:3000' },
  { text: 'web:80', want: '10.244.0.8:3000' },
  { text: 'web:99', want: 'no service port 99 found for service "web"' },
  { text: 'web:admin', want: 'no endpoints available for service "web"' },
  { text: 'web', want: 'no endpoints available for service "web"' },
  { text: 'web:80', slices: sliceOf({ addresses: ['10.244.0.8'] }), want: 'no endpoints available for service "web"' },
  {
    text: 'web:80',
    slices: sliceOf({ addresses: ['10.244.0.8'], targetRef: { ...targetRef, namespace: 'b' } }),
    want: 'no endpoints available for service "web"',
  },
  {
    text: 'web:80',
    slices: sliceOf({ addresses: ['10.244.0.66'], targetRef }),
    want: 'no endpoints available for service "web"',
  },
  {
    text: 'web:80',
    slices: sliceOf({ addresses: ['10.244.0.8'], targetRef: { ...targetRef, name: 'gone' } }),
    want: 'no endpoints available for service "web"',
  },
  {
    text: 'web:80',
    slices: sliceOf({ addresses: ['localhost'], targetRef }),
    want: 'no endpoints available for service "web"',
  },
  { text: 'web:80', slices: sliceOf({ addresses: ['127.0.0.1'], targetRef }), want: 'address not allowed' },
  { text: 'web:80', slices: [], want: 'no endpoints available for service "web"' },
]) {
  test(`a Service asked for as "${text}", with ${slices.length} slices, leads to: ${want}`, () => {
    const lookup = () => {
      const { host, port } = serviceTarget(context(slices), service, parseProxyName(text));
      return `${host}:${port}`;
    };
    if (!/:\d+$/.test(want)) assert.throws(lookup, { message: want });
    else assert.equal(lookup(), want);
  });
}
