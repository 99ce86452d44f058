import type { Clock, Timer } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { onAbort } from '../../base/abort.ts';
import type { ResponseStream } from '../../http/exchange.ts';
import { protobufMediaType } from '../../apimachinery/protobuf/codec.ts';
import type { StatusError } from '../../apimachinery/status.ts';
import { ByteWriter } from '../cache/byte-writer.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { jsonEncoding, type ObjectEncoding } from '../cache/encodings.ts';
import { smallBuffer } from '../cache/slab.ts';
import type { EventBatch } from '../cache/event-batch.ts';
import type { RunningWatcher } from '../cache/resource-cache.ts';
import { partialMetadata } from '../rest/table.ts';
import { bookmarkObject, type WatchRequest, type WatchSink } from '../rest/watch.ts';
import type { Revision } from '../../store/store.ts';
import type { Representation } from './negotiate.ts';
import { countEvents, WatchTallies, type WatchTally } from './watch-tallies.ts';
import { bookmarkTable, table, type Presentation } from './representation.ts';

const bookmarkEveryMs = 30_000;
/** A watch without a timeout ends after half an hour to an hour, so that clients spread over servers. */
const defaultTimeoutMs = 1_800_000;

/** The watches that are open over HTTP: each ends when the client goes, its time is over, or the server stops. */
export class WatchStreams implements Disposable {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #open = new Set<WatchStream>();
  /** For metrics. */
  readonly tallies = new WatchTallies();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Sends the events of `watch` to `stream`, whose client has gone when `signal` aborts. Resolves when it has ended. */
  serve(stream: ResponseStream, signal: AbortSignal, watch: WatchRequest, presentation: Presentation): Promise<void> {
    const { timeoutSeconds, bookmarks } = watch;
    const timeoutMs =
      timeoutSeconds === undefined || timeoutSeconds <= 0
        ? defaultTimeoutMs * (1 + this.#random.next())
        : timeoutSeconds * 1000;
    const timers: Timer[] = [];
    let unlink = (): void => {};
    const ended = Promise.withResolvers<void>();
    const tally = this.tallies.of(watch.served);
    tally.open++;
    const open = new WatchStream(stream, watch, presentation, tally, () => {
      tally.open--;
      for (const timer of timers) timer.cancel();
      unlink();
      this.#open.delete(open);
      ended.resolve();
    });
    this.#open.add(open);
    timers.push(this.#clock.setTimer(timeoutMs, () => open.end()));
    if (bookmarks) this.#keepBookmarking(open, timers);
    unlink = onAbort(signal, () => open.close());
    open.start();
    return ended.promise;
  }

  [Symbol.dispose](): void {
    for (const open of this.#open) open.end();
  }

  #keepBookmarking(open: WatchStream, timers: Timer[]): void {
    timers[1] = this.#clock.setTimer(bookmarkEveryMs, () => {
      open.tellProgress();
      this.#keepBookmarking(open, timers);
    });
  }
}

class WatchStream implements WatchSink {
  readonly #stream: ResponseStream;
  readonly #watch: WatchRequest;
  readonly #presentation: Presentation;
  readonly #tally: WatchTally;
  readonly #onClose: () => void;
  /** Makes the bytes of events. */
  readonly #encode: (batch: EventBatch) => Uint8Array;
  #watcher: RunningWatcher | undefined;
  #isClosed = false;
  #sentColumns = false;

  constructor(
    stream: ResponseStream,
    watch: WatchRequest,
    presentation: Presentation,
    tally: WatchTally,
    onClose: () => void,
  ) {
    this.#stream = stream;
    this.#watch = watch;
    this.#presentation = presentation;
    this.#tally = tally;
    this.#onClose = onClose;
    this.#encode = this.#encoder();
  }

  start(): void {
    if (this.#isClosed) return;
    this.#watcher = this.#watch.start(this, 'deferred');
    if (this.#isClosed) this.#watcher.stop();
  }

  events(batch: EventBatch): boolean {
    const bytes = this.#encode(batch);
    countEvents(this.#tally, batch.events.length, bytes.length);
    return this.#stream.write(bytes);
  }

  drained(): Promise<void> {
    return this.#stream.drained();
  }

  bookmark(revision: Revision, isInitialEnd: boolean): void {
    const object = bookmarkObject(this.#watch.served, revision, isInitialEnd);
    const { representation } = this.#presentation.accepted;
    if (representation.form === 'table')
      this.#send('BOOKMARK', bookmarkTable(this.#watch.served, object, this.#presentation, this.#isFirstTable()));
    else
      this.#send(
        'BOOKMARK',
        representation.form === 'metadata' ? partialMetadata(object, representation.version) : object,
      );
  }

  fail({ status }: StatusError): void {
    if (this.#isClosed) return;
    this.#send('ERROR', status);
    this.end();
  }

  tellProgress(): void {
    this.#watcher?.bookmark();
  }

  end(): void {
    if (this.#isClosed) return;
    this.close();
    this.#stream.end();
  }

  /** The client has gone. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watcher?.stop();
    this.#onClose();
  }

  /** What is the same for all watchers of a group is made once for them. */
  #encoder(): (batch: EventBatch) => Uint8Array {
    const { form } = this.#watch.served;
    const { representation, mediaType } = this.#presentation.accepted;
    if (mediaType === protobufMediaType) {
      const encoding = this.#presentation.protobuf.encoding(representation);
      return shared(`protobuf ${keyOf(representation)}`, (batch) => encodedEvents(batch, form, encoding));
    }
    if (representation.form === 'object') return shared('json', (batch) => encodedEvents(batch, form, jsonEncoding));
    if (representation.form === 'table') return (batch) => lines(batch, (object) => this.#table(object), form);
    const { version } = representation;
    const shown = (object: Parameters<typeof partialMetadata>[0]) => partialMetadata(object, version);
    return shared(`metadata ${version}`, (batch) => lines(batch, shown, form));
  }

  #send(type: string, object: unknown): void {
    const { accepted, protobuf } = this.#presentation;
    const isBinary = accepted.mediaType === protobufMediaType;
    this.#stream.write(isBinary ? protobuf.frame(type, object as Typed) : Buffer.from(line(type, object)));
  }

  #table(object: Parameters<typeof partialMetadata>[0]): unknown {
    const { resourceVersion } = object.metadata;
    return table(this.#watch.served, [object], { resourceVersion }, this.#presentation, this.#isFirstTable());
  }

  /** Columns are told with the first Table only. */
  #isFirstTable(): boolean {
    const isFirst = !this.#sentColumns;
    this.#sentColumns = true;
    return isFirst;
  }
}

type Form = Parameters<CachedObject['object']>[0];

type Typed = Parameters<Presentation['protobuf']['frame']>[1];

function shared(key: string, make: (batch: EventBatch) => Uint8Array): (batch: EventBatch) => Uint8Array {
  return (batch) => batch.encoded(key, make);
}

function keyOf(representation: Representation): string {
  return representation.form === 'metadata' ? `metadata ${representation.version}` : representation.form;
}

function encodedEvents({ events, bytes }: EventBatch, form: Form, encoding: ObjectEncoding): Uint8Array {
  const out = new ByteWriter(bytes + 256 * events.length, smallBuffer);
  for (const { type, change } of events) encoding.write(out, change.objectFor(type), form, type);
  return out.finishWhole();
}

function lines(
  { events }: EventBatch,
  shown: (object: ReturnType<CachedObject['object']>) => unknown,
  form: Form,
): Uint8Array {
  return Buffer.from(events.map(({ type, change }) => line(type, shown(change.objectFor(type).object(form)))).join(''));
}

function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}
