import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHeaders } from '../../http/headers.ts';
import { upgradeHead } from './upgrade-head.ts';

const headers = (pairs: Record<string, string>) => new RequestHeaders(Object.entries(pairs).flat());
const target = { host: '10.0.0.2', port: 10250, path: '/exec/default/web/main?command=ls' };

test('the kubelet sees the upgrade, but none of the credentials', () => {
  const head = upgradeHead(
    {
      method: 'POST',
      headers: headers({
        host: 'api:6443',
        authorization: 'Bearer secret',
        cookie: 'a=b',
        'impersonate-user': 'root',
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': 'v5.channel.k8s.io, v4.channel.k8s.io',
      }),
    },
    target,
  );
  assert.equal(
    head,
    [
      'POST /exec/default/web/main?command=ls HTTP/1.1',
      'Host: 10.0.0.2:10250',
      'connection: Upgrade',
      'upgrade: SPDY/3.1',
      'x-stream-protocol-version: v5.channel.k8s.io, v4.channel.k8s.io',
      '',
      '',
    ].join('\r\n'),
  );
});

test("a browser's token is taken out of its list of protocols", () => {
  const protocols = 'base64url.bearer.authorization.k8s.io.c2VjcmV0, v4.channel.k8s.io';
  const head = upgradeHead({ method: 'GET', headers: headers({ 'sec-websocket-protocol': protocols }) }, target);
  assert.match(head, /sec-websocket-protocol: v4\.channel\.k8s\.io\r\n/);
  assert.doesNotMatch(head, /c2VjcmV0/);
});
