import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { OpenPair } from '../contract.ts';
import { BodyTooLargeError } from '../exchange.ts';

export function describeBodies(open: OpenPair): void {
  const mebibyte = Buffer.alloc(1024 * 1024, 'x');

  it('reads a whole body, with and without an announced length', async () => {
    await using pair = await open(async (exchange) => exchange.respond(200, {}, await exchange.readBody(3_000_000)));
    const parts = [Buffer.from('one '), mebibyte, Buffer.from(' end')];
    const length = { 'content-length': String(mebibyte.length + 8) };
    for (const headers of [{}, length]) {
      const { text } = await pair.client.ask({ method: 'POST', path: '/', headers, body: parts });
      assert.equal(text.length, mebibyte.length + 8);
      assert.ok(text.startsWith('one x') && text.endsWith('x end'));
    }
  });

  it('reads an empty body where there is none', async () => {
    await using pair = await open(async (exchange) => {
      exchange.respond(200, {}, Buffer.from(String((await exchange.readBody(10)).length)));
    });
    assert.equal((await pair.client.ask({ path: '/' })).text, '0');
    assert.equal((await pair.client.ask({ path: '/', method: 'POST', body: '' })).text, '0');
  });

  it('refuses a body beyond the limit, and answers the next request', async () => {
    await using pair = await open(async (exchange) => {
      try {
        exchange.respond(200, {}, await exchange.readBody(1000));
      } catch (error) {
        assert.ok(error instanceof BodyTooLargeError && error.limit === 1000);
        exchange.respond(413, {}, Buffer.from('too large'));
      }
    });
    assert.equal((await pair.client.ask({ method: 'POST', path: '/', body: 'x'.repeat(1000) })).status, 200);
    for (const body of ['x'.repeat(1001), [Buffer.alloc(1001, 'x')]]) {
      const { status, text } = await pair.client.ask({ method: 'POST', path: '/', body });
      assert.deepEqual([status, text], [413, 'too large']);
    }
    assert.equal((await pair.client.ask({ method: 'POST', path: '/', body: 'fine' })).text, 'fine');
  });

  it('hands a body on as it comes', async () => {
    await using pair = await open(async (exchange) => {
      let size = 0;
      for await (const part of exchange.body()) size += part.length;
      exchange.respond(200, {}, Buffer.from(String(size)));
    });
    const { text } = await pair.client.ask({ method: 'PUT', path: '/', body: [mebibyte, mebibyte, mebibyte] });
    assert.equal(text, String(3 * mebibyte.length));
  });

  it('goes on after bodies that nobody read', async () => {
    await using pair = await open((exchange) => exchange.respond(exchange.method === 'GET' ? 200 : 403, {}));
    for (let count = 0; count < 30; count++) {
      const { status } = await pair.client.ask({ method: 'POST', path: '/', body: 'x'.repeat(60_000) });
      assert.equal(status, 403);
    }
    assert.equal((await pair.client.ask({ path: '/' })).status, 200);
  });
}
