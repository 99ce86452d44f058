import { StatusError, refused } from '../../apimachinery/status.ts';
import type { Logger } from '../../base/logger.ts';

/** The Status that a client gets for an error. Anything that is not a refusal is a bug or a lost dependency: logged, and told without its details. */
export function statusErrorOf(error: unknown, log: Logger): StatusError {
  if (error instanceof StatusError) return error;
  log.error('request failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return refused.internal(error instanceof Error ? error.message : 'unknown failure');
}

/** A text for the `Warning` header (RFC 7234, code 299). */
export function warningHeader(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/(["\\])/g, '\\$1');
  // Header values are bytes: letters beyond Latin-1 go as their UTF-8.
  return Buffer.from(`299 - "${clean}"`).toString('latin1');
}
