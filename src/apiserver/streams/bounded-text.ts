import type { IncomingMessage } from 'node:http';
import { isTooHeavy, mostWeight } from '../../apimachinery/decode/body-weight.ts';

/** What is read of an answer. */
export interface AnswerBounds {
  /** Bytes. */
  readonly longest: number;
  /** Values, as bodies of requests are weighed (default: as much as one of those may have). */
  readonly heaviest?: number;
}

/**
 * The text of an answer, which is JSON or nothing. Throws, and ends the connection, when it has more bytes; throws when it
 * has more values: to read these takes long, however few bytes they are.
 */
export async function boundedText(
  answer: IncomingMessage,
  { longest, heaviest = mostWeight }: AnswerBounds,
): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > longest) {
      answer.destroy();
      throw new AnswerTooLargeError(`the answer is longer than ${longest} bytes`);
    }
    parts.push(part);
  }
  const whole = Buffer.concat(parts);
  if (isTooHeavy(whole, heaviest)) throw new AnswerTooLargeError(`the answer has more than ${heaviest} values`);
  return whole.toString();
}

export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}
