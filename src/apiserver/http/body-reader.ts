import { refused } from '../../apimachinery/status.ts';
import { BodyBudgetError, BodyTimeoutError, BodyTooLargeError, type Exchange } from '../../http/exchange.ts';

/** The largest request body that is read, in bytes. */
const bodyLimit = 3 * 1024 * 1024;

/** Reads a whole body. Throws RequestEntityTooLarge, Timeout, or TooManyRequests when bodies fill the memory for them. */
export async function readBody(exchange: Exchange): Promise<Buffer> {
  try {
    return await exchange.readBody(bodyLimit);
  } catch (error) {
    if (error instanceof BodyTooLargeError) throw refused.tooLarge(`Request entity too large: limit is ${bodyLimit}`);
    if (error instanceof BodyTimeoutError)
      throw refused.other(408, 'Timeout', 'Timeout: the body of the request came too slowly', {});
    if (error instanceof BodyBudgetError)
      throw refused.other(429, 'TooManyRequests', 'too many bodies are being read', { retryAfterSeconds: 1 });
    throw error;
  }
}
