import { acceptsGzip, compressedHeaders, compressedPieces } from './compression.ts';
import type { MakePiece } from './list-pieces.ts';
import { PieceBuffers, type PiecePool } from './piece-buffers.ts';
import type { Reply } from './reply.ts';

/** Pieces of an answer, each made when it is asked for; `make` gives the buffers that they are written into. */
export type MakePieces = (make?: MakePiece) => AsyncIterable<Buffer>;

/** Sends an answer as fast as the client takes it, compressed for who can read that. */
export async function sendPieces(reply: Reply, contentType: string, made: MakePieces, pool: PiecePool): Promise<void> {
  const isShort = acceptsGzip(reply.exchange.headers.get('accept-encoding'));
  using buffers = new PieceBuffers(pool);
  const pieces = isShort ? compressedPieces(made()) : made(buffers.make);
  const stream = reply.stream(200, { 'content-type': contentType, ...(isShort ? compressedHeaders : {}) });
  try {
    for await (const piece of pieces) {
      if (!isShort) buffers.sends(piece, stream);
      reply.bytes += piece.length;
      if (!stream.write(piece)) await stream.drained();
      if (reply.exchange.clientHasGone) return;
    }
    stream.end();
  } catch (error) {
    stream.destroy();
    throw error;
  }
}
