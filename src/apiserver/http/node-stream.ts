import type { ResponseStream } from '../../http/exchange.ts';
import type { Response } from './exchange.ts';

/** Begins a 200 of unknown length over Node's server. `signal` aborts when the client has gone. */
export function nodeStream(
  response: Response,
  contentType: string,
): { readonly stream: ResponseStream; readonly signal: AbortSignal } {
  const gone = new AbortController();
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const end = (): void => {
    gone.abort();
    wake();
  };
  response.on('drain', wake);
  response.on('close', end);
  response.on('error', end);
  response.writeHead(200, { 'content-type': contentType });
  response.flushHeaders();
  const stream: ResponseStream = {
    write(...parts) {
      if (gone.signal.aborted) return false;
      return response.write(parts.length === 1 ? parts[0] : Buffer.concat(parts));
    },
    drained: () =>
      new Promise((resolve) => {
        if (gone.signal.aborted || !response.writableNeedDrain) resolve();
        else waiting.push(resolve);
      }),
    get bufferedBytes() {
      return response.writableLength;
    },
    end: () => void response.end(),
    destroy: () => void response.destroy(),
  };
  return { stream, signal: gone.signal };
}
