import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestCertificates } from '../../../test/kit/certificates.ts';
import { systemClock } from '../../base/system-clock.ts';
import { openRaw } from '../contract/raw-connection.ts';
import { listenForHttp } from '../listen.ts';

const { authority, server } = await createTestCertificates();

/** Answers with the method and target of each request, and with its body. */
function open() {
  const options = { host: '127.0.0.1', port: 0, ...server, clientAuthority: authority, clock: systemClock };
  const limits = { headerBytes: 4000, headers: 20, unwantedBytes: 1000 };
  return listenForHttp({ ...options, limits }, async (exchange) => {
    const body = exchange.target === '/unread' ? Buffer.alloc(0) : await exchange.readBody(10_000);
    exchange.respond(200, {}, Buffer.from(`<${exchange.method} ${exchange.target} ${body}>`));
  });
}

async function converse(...lines: readonly string[]): Promise<string> {
  await using listener = await open();
  await using raw = await openRaw(listener.port, 'http/1.1');
  raw.send(lines.join('\r\n'));
  return await raw.closed();
}

/** A second request that was hidden in the first one would be answered with this. */
const smuggled = ['GET /smuggled HTTP/1.1', 'Host: x', 'Connection: close', '', ''];
const post = ['POST / HTTP/1.1', 'Host: x'];
const get = ['GET / HTTP/1.1', 'Host: x'];

const refused: readonly (readonly [what: string, status: number, ...lines: string[]])[] = [
  ['a length and chunks', 400, ...post, 'Content-Length: 3', 'Transfer-Encoding: chunked', '', '0', '', ''],
  ['two lengths', 400, ...post, 'Content-Length: 3', 'Content-Length: 3', '', 'abc'],
  ['a list of lengths', 400, ...post, 'Content-Length: 3, 3', '', 'abc'],
  ['a length with a sign', 400, ...post, 'Content-Length: +3', '', 'abc'],
  ['a length in hex', 400, ...post, 'Content-Length: 0x3', '', 'abc'],
  ['a negative length', 400, ...post, 'Content-Length: -1', '', ''],
  ['an unknown transfer encoding', 501, ...post, 'Transfer-Encoding: gzip, chunked', '', ''],
  ['chunked twice', 501, ...post, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked', '', '0', '', ''],
  ['chunks in HTTP/1.0', 400, 'POST / HTTP/1.0', 'Transfer-Encoding: chunked', '', '0', '', ''],
  ['a space in front of the colon', 400, ...post, 'Content-Length : 3', '', 'abc'],
  ['a folded header', 400, ...get, 'X-A: b', ' c', '', ''],
  ['a header without a name', 400, ...get, ': b', '', ''],
  ['a header without a colon', 400, ...get, 'nothing', '', ''],
  ['a NUL in a header', 400, ...get, 'X-A: a\0b', '', ''],
  ['a bare carriage return in a header', 400, ...get, 'X-A: a\rb', '', ''],
  ['a bare line feed between headers', 400, 'GET / HTTP/1.1\nHost: x', '', ''],
  ['no host', 400, 'GET / HTTP/1.1', '', ''],
  ['two hosts', 400, ...get, 'Host: y', '', ''],
  ['two spaces in the request line', 400, 'GET  / HTTP/1.1', 'Host: x', '', ''],
  ['a space in the target', 400, 'GET /a b HTTP/1.1', 'Host: x', '', ''],
  ['another version', 400, 'GET / HTTP/2.0', 'Host: x', '', ''],
  ['a target that is no path', 400, 'GET a HTTP/1.1', 'Host: x', '', ''],
  ['a method that is none', 400, 'G(T / HTTP/1.1', 'Host: x', '', ''],
  ['a chunk with a bad size', 400, ...post, 'Transfer-Encoding: chunked', '', 'xyz', '', ''],
  ['a chunk with a negative size', 400, ...post, 'Transfer-Encoding: chunked', '', '-1', '', ''],
  ['a chunk with a huge size', 400, ...post, 'Transfer-Encoding: chunked', '', 'fffffffff', '', ''],
  ['a chunk that is longer than its size', 400, ...post, 'Transfer-Encoding: chunked', '', '1', 'ab', '0', '', ''],
  ['a chunk ended by a line feed', 400, ...post, 'Transfer-Encoding: chunked', '', '1\na', '0', '', ''],
  ['an endless chunk extension', 400, ...post, 'Transfer-Encoding: chunked', '', `1;${'a'.repeat(1000)}`, 'a', ''],
  ['endless trailers', 400, ...post, 'Transfer-Encoding: chunked', '', '0', `a: ${'a'.repeat(5000)}`, ''],
  ['an unknown expectation', 417, ...post, 'Expect: miracles', '', ''],
  ['a head that is too large', 431, ...get, `X-A: ${'a'.repeat(5000)}`, '', ''],
  ['a head that is too large and does not end', 431, ...get, `X-A: ${'a'.repeat(5000)}`],
  ['too many headers', 431, ...get, ...Array<string>(21).fill('x-a: b'), '', ''],
];

describe('HTTP/1.1', () => {
  for (const [what, status, ...lines] of refused) {
    it(`refuses ${what}, and reads nothing behind it`, async () => {
      const text = await converse(lines.join('\r\n') + smuggled.join('\r\n'));
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(text, /\r\nconnection: close\r\n/);
      assert.doesNotMatch(text, /smuggled/);
      assert.equal(text.split('HTTP/1.1 ').length, 2);
    });
  }

  // Read by a pattern that tries all ways, this takes more than a minute.
  it('refuses a bad letter behind many blanks', { timeout: 30_000 }, async () => {
    await using listener = await listenForHttp(
      { host: '127.0.0.1', port: 0, ...server, clientAuthority: authority, clock: systemClock },
      (exchange) => exchange.respond(200, {}),
    );
    await using raw = await openRaw(listener.port, 'http/1.1');
    raw.send([...get, `X-A:${' '.repeat(120_000)}\x01`, '', ''].join('\r\n'));
    assert.match(await raw.closed(), /^HTTP\/1\.1 400 /);
  });

  it('leaves blanks around a value out, and none within it', async () => {
    await using listener = await listenForHttp(
      { host: '127.0.0.1', port: 0, ...server, clientAuthority: authority, clock: systemClock },
      (exchange) => exchange.respond(200, {}, Buffer.from(JSON.stringify(exchange.headers.all('x-a')))),
    );
    await using raw = await openRaw(listener.port, 'http/1.1');
    raw.send(
      [...get, 'X-A:a', 'X-A: \t b  c\t ', 'X-A:', 'X-A:: d', 'X-A: \xa0', 'Connection: close', '', ''].join('\r\n'),
    );
    assert.match(await raw.closed(), /\["a","b  c","",": d","\xc3\x82\xc2\xa0"\]$/);
  });

  it('answers pipelined requests in order, with bodies of both kinds between them', async () => {
    const chunked = [...post, 'Transfer-Encoding: chunked', '', '2;x=y', 'ab', '1', 'c', '0', 'Trailer: x', '', ''];
    const text = await converse(
      [...get, '', ''].join('\r\n') +
        [...post, 'Content-Length: 5', '', 'hello'].join('\r\n') +
        chunked.join('\r\n') +
        smuggled.join('\r\n'),
    );
    const bodies = text.match(/<[^>]*>/g);
    assert.deepEqual(bodies, ['<GET / >', '<POST / hello>', '<POST / abc>', '<GET /smuggled >']);
  });

  it('reads requests that come byte by byte', async () => {
    await using listener = await open();
    await using raw = await openRaw(listener.port, 'http/1.1');
    const text = [...post, 'Transfer-Encoding: chunked', 'Connection: close', '', '3', 'abc', '0', '', ''].join('\r\n');
    for (const byte of text) {
      raw.send(byte);
      await new Promise((resolve) => raw.socket.write('', resolve));
    }
    assert.match(await raw.closed(), /<POST \/ abc>$/);
  });

  it('asks for a body that waits to be asked for, only when it is read', async () => {
    const expecting = ['Content-Length: 2', 'Expect: 100-continue', 'Connection: close', '', 'ab'];
    assert.match(await converse(...post, ...expecting), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    const unread = await converse(
      'POST /unread HTTP/1.1',
      'Host: x',
      'Content-Length: 2',
      'Expect: 100-continue',
      '',
      '',
    );
    assert.match(unread, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(unread, /connection: close/);
  });

  it('ends the connection behind an answer to a long body that nobody reads', async () => {
    const text = await converse('POST /unread HTTP/1.1', 'Host: x', 'Content-Length: 1001', '', 'x'.repeat(900));
    assert.match(text, /connection: close\r\n/);
  });

  it('reads an absolute target as its path', async () => {
    const text = await converse('GET https://x:1/a?b HTTP/1.1', 'Host: x', 'Connection: close', '', '');
    assert.match(text, /<GET \/a\?b >$/);
  });

  it('answers HTTP/1.0 and ends the connection', async () => {
    assert.match(await converse('GET /old HTTP/1.0', '', ''), /<GET \/old >$/);
  });
});
