import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { nextTurn } from '../../base/turn.ts';
import type { StatusError } from '../../apimachinery/status.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import type { ObjectChange, EventType } from '../cache/change.ts';
import type { WatchCache } from '../cache/watch-cache.ts';
import { partialMetadata } from '../rest/table.ts';
import { bookmarkObject, type RunningWatch, type WatchSink } from '../rest/watch.ts';
import type { Revision } from '../../store/store.ts';
import { table, type Presentation } from './representation.ts';

type Response = ServerResponse | Http2ServerResponse;

/** A watcher that lets this much wait for it is too slow, in bytes: it is closed and must list anew. */
const slowWatcherBytes = 32 * 1024 * 1024;
const bookmarkEveryMs = 30_000;
/** A watch without a timeout ends after half an hour to an hour, so that clients spread over servers. */
const defaultTimeoutMs = 1_800_000;

/**
 * Sends the events of watches over HTTP, a turn after their commit: writers get their answers first, and the lines of
 * all commits until then leave in one write per watcher.
 */
export class WatchStreams implements Disposable {
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #waiting = new Set<WatchStream>();
  readonly #open = new Set<WatchStream>();
  readonly #stopFlushing: () => void;
  #flushIsDue = false;

  constructor(cache: WatchCache, clock: Clock, random: Random) {
    this.#cache = cache;
    this.#clock = clock;
    this.#random = random;
    this.#stopFlushing = cache.onProgress(() => void this.#flushSoon());
  }

  get count(): number {
    return this.#open.size;
  }

  /** Runs until the client goes, the time is over, or the server stops. */
  serve(response: Response, watch: RunningWatch, presentation: Presentation): void {
    const timeoutMs =
      watch.timeoutSeconds === undefined || watch.timeoutSeconds <= 0
        ? defaultTimeoutMs * (1 + this.#random.next())
        : watch.timeoutSeconds * 1000;
    const stream = new WatchStream(response, watch, presentation, () => this.#waiting.add(stream));
    this.#open.add(stream);
    const timers: Timer[] = [this.#clock.setTimer(timeoutMs, () => stream.end())];
    if (watch.bookmarks) this.#keepBookmarking(stream, timers);
    stream.onEnd(() => {
      for (const timer of timers) timer.cancel();
      this.#open.delete(stream);
      this.#waiting.delete(stream);
    });
    stream.start();
    stream.flush();
    this.#waiting.delete(stream);
  }

  [Symbol.dispose](): void {
    this.#stopFlushing();
    for (const stream of this.#open) stream.end();
  }

  async #flushSoon(): Promise<void> {
    if (this.#flushIsDue || this.#waiting.size === 0) return;
    this.#flushIsDue = true;
    await nextTurn();
    this.#flushIsDue = false;
    for (const stream of this.#waiting) stream.flush();
    this.#waiting.clear();
  }

  #keepBookmarking(stream: WatchStream, timers: Timer[]): void {
    timers[1] = this.#clock.setTimer(bookmarkEveryMs, () => {
      stream.bookmark(this.#cache.revision, false);
      stream.flush();
      this.#keepBookmarking(stream, timers);
    });
  }
}

class WatchStream implements WatchSink {
  readonly #response: Response;
  readonly #watch: RunningWatch;
  readonly #presentation: Presentation;
  readonly #isWaiting: () => void;
  #pending: Buffer[] = [];
  #stop: () => void = () => {};
  #ended = false;
  #sentColumns = false;
  readonly #onEnd: (() => void)[] = [];

  constructor(response: Response, watch: RunningWatch, presentation: Presentation, isWaiting: () => void) {
    this.#response = response;
    this.#watch = watch;
    this.#presentation = presentation;
    this.#isWaiting = isWaiting;
  }

  start(): void {
    this.#response.on('close', () => this.#close());
    this.#response.on('error', () => this.#close());
    this.#stop = this.#watch.start(this);
    if (this.#ended) this.#stop();
  }

  onEnd(callback: () => void): void {
    this.#onEnd.push(callback);
  }

  event(type: EventType, change: ObjectChange): void {
    const { served } = this.#watch;
    const { representation } = this.#presentation.accepted;
    if (representation.form === 'object') this.#send(change.line(type, served.form));
    else this.#send(this.#line(type, this.#shown(change.objectFor(type))));
  }

  bookmark(revision: Revision, isInitialEnd: boolean): void {
    const object = bookmarkObject(this.#watch.served, revision, isInitialEnd);
    const { representation } = this.#presentation.accepted;
    if (representation.form === 'table')
      this.#send(
        this.#line('BOOKMARK', table(this.#watch.served, [object], {}, this.#presentation, this.#firstTime())),
      );
    else
      this.#send(
        this.#line(
          'BOOKMARK',
          representation.form === 'metadata' ? partialMetadata(object, representation.version) : object,
        ),
      );
  }

  fail({ status }: StatusError): void {
    this.#send(this.#line('ERROR', status));
    this.end();
  }

  flush(): void {
    if (this.#pending.length === 0 || this.#ended) return;
    const bytes = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending);
    this.#pending = [];
    (this.#response as ServerResponse).write(bytes);
    if (this.#response.writableLength > slowWatcherBytes) this.#response.destroy();
  }

  end(): void {
    if (this.#ended) return;
    this.flush();
    this.#close();
    this.#response.end();
  }

  #send(line: Buffer): void {
    if (this.#ended) return;
    if (this.#pending.push(line) === 1) this.#isWaiting();
  }

  #line(type: string, object: unknown): Buffer {
    return Buffer.from(`${JSON.stringify({ type, object })}\n`);
  }

  #shown(shown: CachedObject): unknown {
    const { served } = this.#watch;
    const object = shown.object(served.form);
    const { representation } = this.#presentation.accepted;
    if (representation.form === 'metadata') return partialMetadata(object, representation.version);
    const { resourceVersion } = object.metadata;
    return table(served, [object], { resourceVersion }, this.#presentation, this.#firstTime());
  }

  #firstTime(): boolean {
    const isFirst = !this.#sentColumns;
    this.#sentColumns = true;
    return isFirst;
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stop();
    for (const callback of this.#onEnd) callback();
  }
}
