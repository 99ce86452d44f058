import { StatusError, refused } from '../../apimachinery/status.ts';
import type { Logger } from '../../base/logger.ts';
import { StoreUnavailableError } from '../../store/store.ts';

/** Seconds after which a write that the store could not take may be tried again. */
const storeRetrySeconds = 5;

/**
 * The Status that a client gets for an error. Anything that is not a refusal is a bug or a lost dependency: logged, and
 * told without its details.
 */
export function statusErrorOf(error: unknown, log: Logger): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof StoreUnavailableError)
    return refused.other(503, 'ServiceUnavailable', error.message, { retryAfterSeconds: storeRetrySeconds });
  log.error('request failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return refused.internal("an unexpected failure; the server's log has the details");
}

/** So many letters of warnings are sent whole; of more, each is cut short and as many are sent as fit. */
const wholeLetters = 4096;
const lettersOfOne = 256;

/**
 * Values of the `Warning` header (RFC 7234, code 299), each text once. A body full of mistakes must not make a header
 * too large to send.
 */
export function warningHeaders(texts: readonly string[]): string[] {
  const distinct = [...new Set(texts)];
  const size = distinct.reduce((sum, text) => sum + text.length, 0);
  if (size <= wholeLetters) return distinct.map(warningHeader);
  const headers: string[] = [];
  let left = wholeLetters;
  for (const text of distinct) {
    const short = text.slice(0, lettersOfOne);
    if ((left -= short.length) < 0) break;
    headers.push(warningHeader(short));
  }
  return headers;
}

function warningHeader(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/(["\\])/g, '\\$1');
  // Header values are bytes: letters beyond Latin-1 go as their UTF-8.
  return Buffer.from(`299 - "${clean}"`).toString('latin1');
}
