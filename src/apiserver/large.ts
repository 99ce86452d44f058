import { itemWeight, mostWeight } from '../apimachinery/decode/body-weight.ts';
import { refused, type StatusError } from '../apimachinery/status.ts';

/**
 * Bytes of a body or a stored object beyond which it is read and written in several turns of the event loop, and as YAML by
 * another thread (docs/adr/0029). What is smaller holds too few values to keep others waiting.
 */
const largeBytes = 16 * 1024;

export function isLarge(bytes: number): boolean {
  return bytes > largeBytes;
}

/** The refusal of a body, or of what a write would store. */
export function tooHeavy(): StatusError {
  return refused.tooLarge(
    `Request entity too large: limit is ${mostWeight} values, where an item of a list and a key of a large map count as ${itemWeight}`,
  );
}
