import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/core/v1/types.ts';
import type { ServerContext } from '../context.ts';
import { targetOf, type ResourceTarget } from '../request/target.ts';
import { kubeletOfNode } from './kubelet-address.ts';
import { restOfPath } from './proxy-request.ts';

const node: Node = {
  metadata: { name: 'worker' },
  spec: {},
  status: {
    addresses: [
      { type: 'Hostname', address: 'worker' },
      { type: 'InternalIP', address: '192.0.2.7' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10255 } },
  },
};
const silent: Node = { metadata: { name: 'silent' }, spec: {}, status: {} };
const at = (name: string, address: string): Node => ({
  metadata: { name },
  spec: {},
  status: { addresses: [{ type: 'InternalIP', address }] },
});
const liars = [
  at('loop', '127.0.0.1'),
  at('mapped', '::ffff:127.0.0.1'),
  at('named', 'localhost'),
  at('cloud', '169.254.169.254'),
];
const lookup = ((_type: unknown, { name }: { name: string }) =>
  [node, silent, ...liars].find(({ metadata }) => metadata.name === name)) as unknown as ServerContext['lookup'];

const rows: [text: string, want: string][] = [
  ['worker', '192.0.2.7:10255'],
  ['worker:', '192.0.2.7:10255'],
  ['worker:10255', '192.0.2.7:10255'],
  ['https:worker:10255', '192.0.2.7:10255'],
  ['worker:22', 'address not allowed: only port 10255 of node "worker" is'],
  ['http:worker:6443', 'address not allowed: only port 10255 of node "worker" is'],
  ['other', 'nodes "other" not found'],
  ['a:b:c:d', 'nodes "a:b:c:d" not found'],
  ['loop', 'address not allowed: node "loop" is at "127.0.0.1"'],
  ['mapped', 'address not allowed: node "mapped" is at "::ffff:127.0.0.1"'],
  ['named', 'address not allowed: node "named" is at "localhost"'],
  ['cloud', 'address not allowed: node "cloud" is at "169.254.169.254"'],
  ['silent', 'no preferred addresses found; known addresses: [] of node silent'],
];
for (const [text, want] of rows)
  test(`the kubelet of "${text}" is ${want}`, () => {
    const found = () => {
      const { host, port } = kubeletOfNode({ lookup }, text);
      return `${host}:${port}`;
    };
    if (want.startsWith('192.')) assert.equal(found(), want);
    else assert.throws(found, { message: want });
  });

const paths: [asked: string, passed: string][] = [
  ['', '/'],
  ['/', '/'],
  ['/metrics/resource', '/metrics/resource'],
  ['/pods/', '/pods/'],
  ['/stats/summary?only_cpu_and_memory=true', '/stats/summary?only_cpu_and_memory=true'],
  ['/a%2Fb/c%20d', '/a%2Fb/c%20d'],
];
for (const [asked, passed] of paths)
  test(`what follows "proxy${asked}" is "${passed}"`, () => {
    const target = `/api/v1/nodes/worker/proxy${asked}`;
    assert.equal(restOfPath(targetOf('GET', target) as ResourceTarget, { target }), passed);
  });
