import type { WatchEvent } from '../apimachinery/request.ts';
import { refused, StatusError, type Status } from '../apimachinery/status.ts';
import { freezeDeep } from './freeze.ts';
import { JsonLines } from './json-lines.ts';

/** The events of a watch's body; an ERROR event is thrown as `StatusError`. */
export async function* watchEvents(body: AsyncIterable<Uint8Array>): AsyncIterable<WatchEvent> {
  const lines = new JsonLines();
  for await (const chunk of body) {
    for (const value of lines.push(chunk)) {
      const event = value as { type: string; object: unknown };
      if (event.type === 'ERROR') throw new StatusError(event.object as Status);
      yield freezeDeep(event) as WatchEvent;
    }
  }
}

/** What the server said; a body that is no Status (a proxy's page, plain text) becomes the message. */
export function refusal(code: number, text: string): StatusError {
  const status = parseStatus(text);
  return status === undefined ? refused.other(code, undefined, text.slice(0, 1024)) : new StatusError(status);
}

function parseStatus(text: string): Status | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<Status> | null;
    return parsed?.kind === 'Status' ? (parsed as Status) : undefined;
  } catch {
    return undefined;
  }
}
