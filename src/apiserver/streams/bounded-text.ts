import type { IncomingMessage } from 'node:http';

/** The text of an answer. Throws, and ends the connection, when it is longer than so many bytes. */
export async function boundedText(answer: IncomingMessage, longest: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > longest) {
      answer.destroy();
      throw new AnswerTooLongError(longest);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError';

  constructor(longest: number) {
    super(`the answer is longer than ${longest} bytes`);
  }
}
