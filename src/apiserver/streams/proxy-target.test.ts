import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatus } from '../../apimachinery/status.ts';
import { parseProxyName, podTarget } from './proxy-target.ts';

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

for (const address of ['127.0.0.1', '169.254.169.254', '::1', '']) {
  test(`a pod at "${address}" is not reached`, () =>
    assert.throws(
      () => podTarget(pod(address), parseProxyName('web')),
      (error) => isStatus(error, 'BadRequest'),
    ));
}
