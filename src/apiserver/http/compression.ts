import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type { ResponseHeaders } from '../../http/headers.ts';

/** Answers of more bytes than this are compressed for who can read that. */
export const compressedAbove = 128 * 1024;
/** The fastest: others cost several times as much, and save little more. */
const options = { level: 1 };

export const compressedHeaders: ResponseHeaders = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' };

/** Whether a client says that it reads gzip, as Kubernetes looks for it: the word alone between commas. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return acceptEncoding !== undefined && acceptEncoding.split(',').some((coding) => coding.trim() === 'gzip');
}

const compress = promisify(gzip);

export function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  return compress(bytes, options);
}

/** The pieces compressed, off the event loop; they are asked for as fast as what is made of them is taken. */
export async function* compressedPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  const coder = createGzip(options);
  const feeding = pipeline(pieces, coder, { end: true });
  // What goes wrong is told by the coder's own end; if nobody wants the rest, nothing is wrong.
  feeding.catch(() => {});
  for await (const piece of coder) yield piece as Buffer;
  await feeding;
  return undefined;
}
