import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openClient, protocols, type Client, type Place } from './contract/clients.ts';
import { describeBodies } from './contract/bodies.ts';
import { describeStreams } from './contract/streams.ts';
import { describeUpgrades } from './contract/upgrades.ts';
import type { Handler, Listener } from './exchange.ts';

/** Starts the server under test on loopback. The suite disposes it. */
export type OpenServer = (handler: Handler) => Promise<Listener>;

/** A client of one protocol, and the server that it is connected to. */
export interface Pair extends AsyncDisposable {
  readonly client: Client;
  readonly place: Place;
}

export type OpenPair = (handler: Handler) => Promise<Pair>;

/** What every server keeps that offers an `Exchange`, seen by Node's clients over HTTP/1.1 and HTTP/2. */
export function describeExchangeContract(name: string, open: OpenServer, access: () => Omit<Place, 'port'>): void {
  describe(`${name} keeps the exchange contract`, () => {
    for (const protocol of protocols) {
      const openPair: OpenPair = async (handler) => {
        const server = await open(handler);
        const place = { ...access(), port: server.port };
        const client = openClient(protocol, place);
        return {
          client,
          place,
          async [Symbol.asyncDispose]() {
            await client[Symbol.asyncDispose]();
            await server[Symbol.asyncDispose]();
          },
        };
      };
      describe(protocol, () => {
        describeHeads(openPair, protocol);
        describeBodies(openPair);
        describeStreams(openPair);
        if (protocol === 'HTTP/1.1') describeUpgrades(openPair);
      });
    }
  });
}

function describeHeads(open: OpenPair, protocol: string): void {
  it('shows method, target, headers and connection as they were sent', async () => {
    await using pair = await open((exchange) => {
      const { method, target, headers, connection } = exchange;
      const seen = { method, target, agent: headers.get('user-agent'), all: headers.all('impersonate-group') };
      const [hasCertificate, host] = [connection.peerCertificate !== undefined, headers.get('host')];
      const { protocol, remoteAddress } = connection;
      const more = { protocol, remoteAddress, hasCertificate, host, raw: headers.raw.includes('impersonate-group') };
      exchange.respond(200, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify({ ...seen, ...more })));
    });
    const reply = await pair.client.ask({
      method: 'DELETE',
      path: '/a%2Fb//c?x=1&x=2&empty=%20+',
      headers: { 'user-agent': 'test', 'impersonate-group': ['a', 'b'] },
    });
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(reply.text), {
      method: 'DELETE',
      target: '/a%2Fb//c?x=1&x=2&empty=%20+',
      agent: 'test',
      all: ['a', 'b'],
      protocol,
      remoteAddress: '127.0.0.1',
      hasCertificate: true,
      host: `127.0.0.1:${pair.place.port}`,
      raw: true,
    });
  });

  it('gives all requests of a connection the same connection', async () => {
    const seen = new Set<object>();
    await using pair = await open((exchange) => {
      seen.add(exchange.connection);
      exchange.respond(200, {});
    });
    for (let count = 0; count < 3; count++) await pair.client.ask({ path: '/' });
    assert.equal(seen.size, 1);
  });

  it('sends parts as one body with its length, and a date', async () => {
    await using pair = await open((exchange) => {
      exchange.respond(
        201,
        { warning: ['299 - "a"', '299 - "b"'], absent: undefined },
        Buffer.from('ab'),
        Buffer.from('c'),
      );
    });
    const { status, headers, text, complete } = await pair.client.ask({ path: '/' });
    assert.deepEqual({ status, text, complete }, { status: 201, text: 'abc', complete: true });
    assert.equal(headers['content-length'], '3');
    assert.equal(String(headers['warning']), '299 - "a", 299 - "b"');
    assert.equal('absent' in headers, false);
    assert.ok(!Number.isNaN(Date.parse(String(headers['date']))));
  });

  it('answers HEAD with the headers alone', async () => {
    await using pair = await open((exchange) => exchange.respond(200, {}, Buffer.from('body')));
    const { headers, text } = await pair.client.ask({ path: '/', method: 'HEAD' });
    assert.deepEqual([headers['content-length'], text], ['4', '']);
    assert.equal((await pair.client.ask({ path: '/' })).text, 'body');
  });

  it('answers 304 and 204 without a body or its length', async () => {
    await using pair = await open((exchange) => exchange.respond(Number(exchange.target.slice(1)), { etag: '"x"' }));
    for (const code of [304, 204]) {
      const { status, headers, text } = await pair.client.ask({ path: `/${code}` });
      assert.deepEqual([status, headers['etag'], headers['content-length'], text], [code, '"x"', undefined, '']);
    }
  });

  it('answers 500 for a handler that throws', async () => {
    await using pair = await open(() => Promise.reject(new Error('broken')));
    assert.equal((await pair.client.ask({ path: '/' })).status, 500);
  });

  it('refuses a second answer', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    await using pair = await open((exchange) => {
      assert.equal(exchange.hasResponded, false);
      exchange.respond(200, {});
      assert.equal(exchange.hasResponded, true);
      try {
        exchange.respond(200, {});
      } catch (error) {
        resolve(error);
      }
    });
    await pair.client.ask({ path: '/first' });
    assert.match(String(await promise), /Cannot answer "\/first": an answer has begun already/);
  });
}
