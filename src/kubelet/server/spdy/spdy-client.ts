import type { Duplex } from 'node:stream';
import { cancelFrame, dataHead, FrameReader, openFrame, pingFrame, type SpdyFrame } from './frames.ts';

/** What happens on a stream. */
export interface SpdyStreamEvents {
  data?(payload: Buffer): void;
  /** Nothing more will come: the other end has closed its half or given the stream up, or the connection is lost. */
  end?(): void;
}

export interface SpdyStream {
  /** Answers false when the other end is slow: wait for {@link SpdyClient.whenDrained}. */
  write(payload: Uint8Array): boolean;
  /** Closes our half. */
  end(): void;
  /** Gives the stream up in both directions. */
  cancel(): void;
}

/** Larger payloads are cut, so that streams of one connection take turns. */
const largestPayload = 64 * 1024;

/**
 * The client's end of a SPDY/3.1 connection over a socket that was upgraded already. Flow control is the socket's alone:
 * the servers that it is for neither obey nor send window updates.
 */
export class SpdyClient {
  readonly #socket: Duplex;
  readonly #reader = new FrameReader();
  readonly #streams = new Map<number, { events: SpdyStreamEvents; localEnded: boolean; remoteEnded: boolean }>();
  #nextStream = 1;
  readonly #closed = Promise.withResolvers<void>();

  /** `head`: what came behind the answer to the upgrade. */
  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => this.#lose());
    socket.on('close', () => this.#lose());
    if (head.length > 0) this.#receive(head);
    socket.resume();
  }

  /** Resolves when the connection is over. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  open(headers: Readonly<Record<string, string>>, events: SpdyStreamEvents = {}): SpdyStream {
    const id = this.#nextStream;
    this.#nextStream += 2;
    const state = { events, localEnded: false, remoteEnded: false };
    this.#streams.set(id, state);
    this.#socket.write(openFrame(id, headers, id === 1));
    const forget = (): void => {
      if (state.localEnded && state.remoteEnded) this.#streams.delete(id);
    };
    return {
      write: (payload) => {
        if (state.localEnded || this.#socket.destroyed) return true;
        let isFree = true;
        for (let at = 0; at < payload.length; at += largestPayload) {
          const piece = payload.subarray(at, at + largestPayload);
          this.#socket.write(dataHead(id, piece.length, false));
          isFree = this.#socket.write(piece);
        }
        return isFree;
      },
      end: () => {
        if (state.localEnded || this.#socket.destroyed) return;
        state.localEnded = true;
        this.#socket.write(dataHead(id, 0, true));
        forget();
      },
      cancel: () => {
        if (this.#streams.delete(id) && !this.#socket.destroyed) this.#socket.write(cancelFrame(id));
      },
    };
  }

  /** Resolves when the socket takes more, or is closed. */
  whenDrained(): Promise<void> {
    if (!this.#socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once('drain', resolve);
      void this.closed.then(resolve);
    });
  }

  /** Takes nothing from the socket for a while. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    for (const frame of this.#reader.push(chunk)) this.#handle(frame);
  }

  #handle(frame: SpdyFrame): void {
    if (frame.kind === 'ping') this.#socket.write(pingFrame(frame.id));
    if (frame.kind !== 'data' && frame.kind !== 'reply' && frame.kind !== 'reset') return;
    const stream = this.#streams.get(frame.stream);
    if (stream === undefined || stream.remoteEnded) return;
    if (frame.kind === 'data' && frame.payload.length > 0) stream.events.data?.(frame.payload);
    if (frame.kind !== 'reset' && !frame.isLast) return;
    stream.remoteEnded = true;
    if (stream.localEnded || frame.kind === 'reset') this.#streams.delete(frame.stream);
    stream.events.end?.();
  }

  #lose(): void {
    const open = [...this.#streams.values()].filter(({ remoteEnded }) => !remoteEnded);
    this.#streams.clear();
    for (const { events } of open) events.end?.();
    this.#socket.destroy();
    this.#closed.resolve();
  }
}
