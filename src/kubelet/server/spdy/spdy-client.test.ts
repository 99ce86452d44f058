import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duplexPair, type Duplex } from 'node:stream';
import { inflateSync, constants } from 'node:zlib';
import fc from 'fast-check';
import { dataHead, FrameReader, openFrame, pingFrame, type SpdyFrame } from './frames.ts';
import { SpdyClient } from './spdy-client.ts';

/** What the peer of a client has got, as frames. */
function collect(peer: Duplex): SpdyFrame[] {
  const frames: SpdyFrame[] = [];
  const reader = new FrameReader();
  peer.on('data', (chunk: Buffer) => frames.push(...reader.push(chunk)));
  return frames;
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => process.nextTick(() => queueMicrotask(resolve)));
}

test('frames come out whole however the bytes are cut', () => {
  const bytes = Buffer.concat([
    pingFrame(7),
    dataHead(1, 5, false),
    Buffer.from('hello'),
    dataHead(3, 0, true),
    dataHead(1, 300, true),
    Buffer.alloc(300, 'x'),
  ]);
  const whole = [...new FrameReader().push(bytes)];
  assert.equal(whole.length, 4);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }), (sizes) => {
      const reader = new FrameReader();
      const frames: SpdyFrame[] = [];
      let at = 0;
      for (let index = 0; at < bytes.length; index++) {
        const end = at + sizes[index % sizes.length]!;
        frames.push(...reader.push(bytes.subarray(at, end)));
        at = end;
      }
      assert.deepEqual(frames, whole);
    }),
  );
});

test('header blocks are one zlib stream over all streams of the connection', () => {
  const blocks = [openFrame(1, { streamType: 'error' }, true), openFrame(3, { streamtype: 'data', port: '80' }, false)];
  const compressed = Buffer.concat(blocks.map((frame) => frame.subarray(18)));
  const plain = inflateSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
  assert.equal(
    plain,
    '\0\0\0\x01\0\0\0\x0astreamtype\0\0\0\x05error' +
      '\0\0\0\x02\0\0\0\x0astreamtype\0\0\0\x04data\0\0\0\x04port\0\0\0\x0280',
  );
});

test('streams get odd numbers, carry data in pieces, and end each half on its own', async () => {
  const [ours, peer] = duplexPair();
  const seen = collect(peer);
  const client = new SpdyClient(ours, Buffer.alloc(0));
  const events: string[] = [];
  const stream = client.open(
    { streamtype: 'stdin' },
    { data: (payload) => events.push(payload.toString()), end: () => events.push('end') },
  );
  client.open({ streamtype: 'error' });
  stream.write(Buffer.alloc(100_000));
  stream.end();
  stream.write(Buffer.from('too late'));
  await turn();
  const data = seen.filter((frame) => frame.kind === 'data');
  assert.deepEqual(
    data.map((frame) => [frame.stream, frame.payload.length, frame.isLast]),
    [
      [1, 65_536, false],
      [1, 34_464, false],
      [1, 0, true],
    ],
  );
  peer.write(
    Buffer.concat([
      dataHead(1, 2, false),
      Buffer.from('hi'),
      dataHead(1, 0, true),
      dataHead(1, 2, false),
      Buffer.from('no'),
    ]),
  );
  await turn();
  assert.deepEqual(events, ['hi', 'end']);
});

test('a ping is echoed, and what waits hears of a lost connection', async () => {
  const [ours, peer] = duplexPair();
  const seen = collect(peer);
  const client = new SpdyClient(ours, Buffer.alloc(0));
  let ended = 0;
  client.open({ streamtype: 'error' }, { end: () => ended++ });
  peer.write(pingFrame(2));
  await turn();
  assert.ok(seen.some((frame) => frame.kind === 'ping' && frame.id === 2));
  peer.end();
  await client.closed;
  assert.equal(ended, 1);
});
