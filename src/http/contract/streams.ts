import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { nextTurn } from '../../base/turn.ts';
import type { OpenPair } from '../contract.ts';

export function describeStreams(open: OpenPair): void {
  it('sends the head of a stream before its first part, then part by part', async () => {
    const { promise: asked, resolve: goOn } = Promise.withResolvers<void>();
    await using pair = await open(async (exchange) => {
      if (exchange.target === '/go') {
        exchange.respond(200, {});
        return goOn();
      }
      const stream = exchange.stream(200, { 'content-type': 'application/json' });
      stream.write(Buffer.from('a'), Buffer.from('b'));
      stream.write(Buffer.from('c'));
      await asked;
      stream.write(Buffer.from('d'));
      stream.end();
      stream.write(Buffer.from('too late'));
    });
    const streaming = pair.client.ask({ path: '/stream' });
    await using other = await open((exchange) => exchange.respond(200, {}));
    await other.client.ask({ path: '/' });
    goOn();
    const { text, complete, headers } = await streaming;
    assert.deepEqual([text, complete, headers['content-length']], ['abcd', true, undefined]);
  });

  it('says how long a stream will be where its writer knows it, to HEAD too', async () => {
    await using pair = await open((exchange) => {
      const stream = exchange.stream(200, { 'content-length': '3' });
      stream.write(Buffer.from('abc'));
      stream.end();
    });
    for (const [method, want] of [
      ['GET', 'abc'],
      ['HEAD', ''],
    ]) {
      const { headers, text, complete } = await pair.client.ask({ path: '/', method: method! });
      assert.deepEqual([headers['content-length'], text, complete], ['3', want, true]);
    }
  });

  it('shows a broken-off stream as incomplete', async () => {
    await using pair = await open(async (exchange) => {
      const stream = exchange.stream(200, {});
      stream.write(Buffer.from('a'));
      while (stream.bufferedBytes > 0) await nextTurn();
      stream.destroy();
    });
    const reply = await pair.client.ask({ path: '/' });
    assert.equal(reply.complete, false);
  });

  it('asks a fast writer to wait, and delivers all in order', async () => {
    const part = Buffer.alloc(100_000, 'y');
    let waits = 0;
    await using pair = await open(async (exchange) => {
      const stream = exchange.stream(200, {});
      for (let count = 0; count < 100; count++) {
        if (stream.write(Buffer.from(`${count},`), part)) continue;
        waits++;
        assert.ok(stream.bufferedBytes > 0);
        await stream.drained();
      }
      stream.end();
    });
    const { text } = await pair.client.ask({ path: '/' });
    const numbers = text.split(/y+/).map((piece) => Number(piece.replace(',', '')));
    assert.deepEqual(numbers.slice(0, 100), [...Array(100).keys()]);
    assert.equal(text.length > 100 * part.length, true);
    assert.ok(waits > 0);
  });

  it('has copied what is not counted as buffered any more', async () => {
    await using pair = await open(async (exchange) => {
      const stream = exchange.stream(200, {});
      const buffer = Buffer.alloc(100_000);
      for (let count = 0; count < 26; count++) {
        while (stream.bufferedBytes > 0) await nextTurn();
        stream.write(buffer.fill(97 + count));
      }
      stream.end();
    });
    const { text } = await pair.client.ask({ path: '/' });
    assert.equal(text.replaceAll(/(.)\1{99999}/g, '$1'), 'abcdefghijklmnopqrstuvwxyz');
  });

  it('tells by the signal that the client has gone', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    await using pair = await open(async (exchange) => {
      const stream = exchange.stream(200, {});
      stream.write(Buffer.from('hello'));
      assert.equal(exchange.clientHasGone, false);
      if (!exchange.signal.aborted) await once(exchange.signal, 'abort');
      assert.equal(exchange.clientHasGone, true);
      stream.write(Buffer.from('nobody reads this'));
      await stream.drained();
      stream.end();
      resolve(String(exchange.signal.reason));
    });
    await pair.client.ask({ path: '/', leaveAfter: 5 });
    assert.match(await promise, /^ClientGoneError: /);
  });

  it('leaves the signal of a complete answer alone', async () => {
    const signals: AbortSignal[] = [];
    await using pair = await open((exchange) => {
      signals.push(exchange.signal);
      exchange.respond(200, {});
    });
    await pair.client.ask({ path: '/' });
    await pair.client.ask({ path: '/' });
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, false],
    );
  });
}
