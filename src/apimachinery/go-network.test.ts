import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goNetworkProblem, hostAndPort } from './go-network.ts';

for (const { code, message = 'x', want } of [
  { code: 'ECONNREFUSED', want: 'dial tcp 10.0.0.1:80: connect: connection refused' },
  { code: 'EHOSTUNREACH', want: 'dial tcp 10.0.0.1:80: connect: no route to host' },
  { code: 'ENOTFOUND', want: 'dial tcp: lookup 10.0.0.1: no such host' },
  { code: 'ECONNRESET', message: 'socket hang up', want: 'EOF' },
  { code: 'ECONNRESET', want: 'read tcp 10.0.0.1:80: read: connection reset by peer' },
  { code: 'EPROTO', message: 'wrong version number', want: 'wrong version number' },
])
  test(`${code} of "${message}" is told as Go tells it`, () =>
    assert.equal(goNetworkProblem(Object.assign(new Error(message), { code }), '10.0.0.1:80'), want));

test('an address of version 6 stands in brackets before its port', () => {
  assert.equal(hostAndPort('10.0.0.1', 80), '10.0.0.1:80');
  assert.equal(hostAndPort('fd00::1', 80), '[fd00::1]:80');
});
