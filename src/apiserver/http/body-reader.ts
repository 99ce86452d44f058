import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { refused } from '../../apimachinery/status.ts';

/** The largest request body that is read, in bytes. */
export const bodyLimit = 3 * 1024 * 1024;

/** Reads a whole body; a larger one than the limit is refused without keeping it. */
export function readBody(request: IncomingMessage | Http2ServerRequest): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bodyLimit) {
    request.resume();
    return Promise.reject(tooLarge());
  }
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= bodyLimit) parts.push(part);
      else parts.length = 0;
    });
    request.on('end', () => {
      if (size > bodyLimit) reject(tooLarge());
      else resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    });
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('Cannot read the request: the client closed the connection')));
  });
}

function tooLarge() {
  return refused.tooLarge(`Request entity too large: limit is ${bodyLimit}`);
}
