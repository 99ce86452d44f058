import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ResponseStream } from '../../http/exchange.ts';
import { pieceBytes, PieceBuffers, PiecePool } from './piece-buffers.ts';

function waiting(): ResponseStream & { bufferedBytes: number } {
  return { bufferedBytes: 0, write: () => true, drained: () => Promise.resolve(), end() {}, destroy() {} };
}

it('a buffer is used again when the stream has taken its piece, not before', () => {
  const stream = waiting();
  const buffers = new PieceBuffers(new PiecePool());
  const first = buffers.make(pieceBytes);
  buffers.sends(first.subarray(0, 100), stream);
  stream.bufferedBytes = 100;
  const second = buffers.make(10);
  assert.notEqual(second.buffer, first.buffer);
  buffers.sends(second.subarray(0, 50), stream);
  stream.bufferedBytes = 51;
  assert.notEqual(buffers.make(10).buffer, first.buffer, 'one byte of the first piece still waits');
  stream.bufferedBytes = 50;
  assert.equal(buffers.make(10).buffer, first.buffer);
  assert.notEqual(buffers.make(10).buffer, second.buffer);
  stream.bufferedBytes = 0;
  assert.equal(buffers.make(10).buffer, second.buffer);
});

it('what has been taken at the end serves the next list', () => {
  const stream = waiting();
  const pool = new PiecePool();
  const given: Buffer[] = [];
  {
    using buffers = new PieceBuffers(pool);
    for (let count = 0; count < 2; count++) {
      given.push(buffers.make(pieceBytes));
      buffers.sends(given[count]!, stream);
      stream.bufferedBytes += pieceBytes;
    }
    stream.bufferedBytes = pieceBytes;
  }
  const later = new PieceBuffers(pool);
  assert.equal(later.make(1).buffer, given[0]!.buffer);
  assert.notEqual(later.make(1).buffer, given[1]!.buffer);
});

it('an object that is larger than a piece has a buffer of its own', () => {
  const stream = waiting();
  const buffers = new PieceBuffers(new PiecePool());
  const large = buffers.make(pieceBytes + 1);
  buffers.sends(large, stream);
  assert.equal(large.length, pieceBytes + 1);
  assert.equal(buffers.make(1).length, pieceBytes);
});
