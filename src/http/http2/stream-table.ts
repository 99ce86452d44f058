import type { Http2Stream } from './stream.ts';

/** So many streams that we have reset are remembered: what their clients have sent before they knew is no offence. */
const mostForgiven = 2000;
/** A stream whose client has taken nothing for so long is stalled. */
const stalledMs = 1000;

/** The streams of a connection: those that are open, those that were reset, and the handlers of those that are gone. */
export class StreamTable {
  readonly #open = new Map<number, Http2Stream>();
  readonly #forgiven = new Set<number>();
  /** Handlers that run for clients that have taken their requests back. */
  #abandoned = 0;
  #lastId = 0;

  /** The highest number that a request has had; 0 before the first. */
  get lastId(): number {
    return this.#lastId;
  }

  /** How many there are, and how many are still worked on though they are gone. */
  get busy(): number {
    return this.#open.size + this.#abandoned;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  get(id: number): Http2Stream | undefined {
    return this.#open.get(id);
  }

  values(): Iterable<Http2Stream> {
    return this.#open.values();
  }

  /** A request has come under this number, whatever becomes of it. */
  began(id: number): void {
    this.#lastId = id;
  }

  add(stream: Http2Stream): void {
    this.#open.set(stream.id, stream);
  }

  /** Answers whether it was there. `isComplete`: its request has been answered. */
  remove(stream: Http2Stream, isComplete: boolean): boolean {
    if (!this.#open.delete(stream.id)) return false;
    if (stream.isHandled && !isComplete) {
      stream.isAbandoned = true;
      this.#abandoned++;
    }
    return true;
  }

  /** The handler of a stream has come to its end. */
  handled(stream: Http2Stream): void {
    stream.isHandled = false;
    if (this.#open.get(stream.id) !== stream && stream.isAbandoned) this.#abandoned--;
  }

  forgive(id: number): void {
    this.#forgiven.add(id);
    if (this.#forgiven.size > mostForgiven) this.#forgiven.delete(this.#forgiven.values().next().value!);
  }

  isForgiven(id: number): boolean {
    return this.#forgiven.has(id);
  }

  /** Who has most bytes waiting, of those that are stalled or of all. */
  worst(now: number, ofAll: boolean): Http2Stream | undefined {
    let worst: Http2Stream | undefined;
    for (const stream of this.#open.values()) {
      const counts = ofAll || now - stream.progressedAt >= stalledMs;
      if (counts && stream.queue.bytes > (worst?.queue.bytes ?? 0)) worst = stream;
    }
    return worst;
  }
}
