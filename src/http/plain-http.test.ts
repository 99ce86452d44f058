import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createTestCertificates } from '../../test/kit/certificates.ts';
import { systemClock } from '../base/system-clock.ts';
import { openRaw } from './contract/raw-connection.ts';
import { listenForHttp } from './listen.ts';

const { authority, server } = await createTestCertificates();

test('a client that speaks HTTP without TLS is told so, and others are served', async () => {
  const options = { host: '127.0.0.1', port: 0, ...server, clientAuthority: authority, clock: systemClock };
  await using listener = await listenForHttp(options, (exchange) => exchange.respond(200, {}));
  const plain = connect(listener.port, '127.0.0.1');
  plain.write('GET /version HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.equal(await text(plain), 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');
  const garbage = connect(listener.port, '127.0.0.1');
  garbage.write('\x01\x02\x03\x04\x05\x06\x07\x08\r\n\r\n');
  assert.doesNotMatch(await text(garbage).catch(() => ''), /HTTP/);
  await using raw = await openRaw(listener.port, 'http/1.1');
  raw.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(await raw.closed(), /^HTTP\/1\.1 200 OK/);
});
