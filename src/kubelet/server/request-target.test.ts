import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerFrom, isTrusted } from './access/client-identity.ts';
import { requestTarget } from './request-target.ts';

test('exec reads command and streams; with a terminal there is no error stream', () => {
  assert.deepEqual(
    requestTarget('/exec/default/web/main?command=sh&command=-c&command=a%20b&input=1&output=1&error=1&tty=1'),
    {
      kind: 'exec',
      namespace: 'default',
      pod: 'web',
      container: 'main',
      command: ['sh', '-c', 'a b'],
      stdin: true,
      stdout: true,
      stderr: false,
      tty: true,
    },
  );
});

test('a uid behind the name of a pod is read', () => {
  for (const path of ['exec/default/web/u/main', 'attach/default/web/u/main', 'containerLogs/default/web/u/main']) {
    const target = requestTarget(`/${path}`);
    assert.ok(target.kind === 'exec' || target.kind === 'attach' || target.kind === 'logs');
    assert.deepEqual([target.pod, target.uid, target.container], ['web', 'u', 'main']);
  }
  const want = { kind: 'portForward', namespace: 'default', pod: 'web', uid: 'u', ports: [80] };
  assert.deepEqual(requestTarget('/portForward/default/web/u?port=80'), want);
});

test('ports are read from either name, also as a list', () => {
  const want = { kind: 'portForward', namespace: 'default', pod: 'web' };
  assert.deepEqual(requestTarget('/portForward/default/web'), { ...want, ports: [] });
  assert.deepEqual(requestTarget('/portForward/default/web?port=80&port=81'), { ...want, ports: [80, 81] });
  assert.deepEqual(requestTarget('/portForward/default/web?ports=80,81'), { ...want, ports: [80, 81] });
});

const plain: [path: string, kind: string][] = [
  ['/healthz', 'healthz'],
  ['/healthz/ping', 'healthz'],
  ['/pods/', 'pods'],
  ['/metrics', 'metrics'],
  ['/metrics/resource', 'resourceMetrics'],
  ['/stats/summary?only_cpu_and_memory=true', 'summary'],
];
for (const [path, kind] of plain) test(`${path} is ${kind}`, () => assert.deepEqual(requestTarget(path), { kind }));

for (const path of [
  '/',
  '/exec/default',
  '/exec/default/web',
  '/containerLogs/a/b/c/d/e',
  '/metrics/probes',
  '/%6detrics',
])
  test(`${path} is nothing`, () => assert.deepEqual(requestTarget(path), { kind: 'unknown' }));

test('the API server and administrators are trusted, other nodes and users are not', () => {
  const trusted = (subject: string): boolean => isTrusted(callerFrom(subject)!);
  assert.equal(trusted('O=kubeadm:cluster-admins\nCN=kube-apiserver-kubelet-client'), true);
  assert.equal(trusted('O=system:masters\nCN=kubernetes-admin'), true);
  assert.equal(trusted('O=system:nodes\nCN=system:node:worker'), false);
  assert.equal(callerFrom('O=nobody'), undefined);
});
