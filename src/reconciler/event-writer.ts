import { Events, type Event, type ObjectReference } from '../api/core/v1/types.ts';
import { keyOf, type KubeObject } from '../apimachinery/object.ts';
import { isStatus, StatusError } from '../apimachinery/status.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { Serial } from '../base/serial.ts';
import type { Client } from '../client/client.ts';
import { EventCorrelation } from './event-correlation.ts';
import type { EventRecorder } from './event-recorder.ts';
import { rfc3339 } from '../apimachinery/time.ts';

export interface EventRecorderOptions {
  readonly client: Client;
  /** Who reports: `deployment-controller`, `kubelet`. */
  readonly component: string;
  /** The node, for who works on one. */
  readonly host?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Gives up what is not yet written. */
  readonly signal: AbortSignal;
  /** Hears of each event that was not written, because too many wait or the server refuses it. */
  readonly onDropped?: ((component: string) => void) | undefined;
}

export interface WritingRecorder extends EventRecorder {
  /** Resolves when everything recorded so far was written or given up. */
  flushed(): Promise<void>;
}

const mostWaiting = 1000;
const mostAttempts = 12;
const retryMs = 10_000;

/**
 * Writes events in the order they were recorded, those of one moment together; those beyond the limits are dropped, and
 * told of.
 */
export function createEventRecorder(options: EventRecorderOptions): WritingRecorder {
  const { client, component, clock, random, log, signal, onDropped } = options;
  const correlation = new EventCorrelation(clock);
  const line = new Serial();
  let waiting: Event[] = [];
  let unwritten = 0;

  async function writeWaiting(): Promise<void> {
    const events = waiting;
    waiting = [];
    const made: Event[] = [];
    const counted: Event[] = [];
    for (const event of events) {
      const { kind, event: correlated } = correlation.correlate(event);
      if (kind === 'create') made.push(correlated);
      else if (kind === 'count') counted.push(correlated);
    }
    for (const [namespace, some] of Map.groupBy(made, ({ metadata }) => metadata.namespace))
      await untilDecided(some, (left) => client.createAll(Events, namespace, left.map(copyOf)));
    for (const event of counted) await untilDecided([event], ([one]) => countUp(client, one!));
    unwritten -= events.length;
  }

  /** Tries until the server has decided about each event; only an unreachable one is worth another try. */
  async function untilDecided(
    events: readonly Event[],
    write: (events: readonly Event[]) => Promise<readonly (Error | undefined)[]>,
  ): Promise<void> {
    let left = events;
    for (let attempt = 1; left.length > 0 && !signal.aborted; attempt++) {
      const errors = await write(left).catch((error: unknown) => left.map(() => error as Error));
      if (errors.every((error) => error === undefined)) return;
      const isLost = errors.some((error) => error !== undefined && !(error instanceof StatusError));
      left = left.flatMap((event, at) => {
        const error = errors[at];
        if (error === undefined) return [];
        if (attempt < mostAttempts && isStatus(error, 'AlreadyExists')) return [renamed(event, random)];
        if (attempt < mostAttempts && !(error instanceof StatusError)) return [event];
        drop(event, error);
        return [];
      });
      if (isLost && left.length > 0) await clock.sleep(retryMs * random.next(), signal).catch(() => undefined);
    }
  }

  function drop({ reason }: Event, error: unknown): void {
    onDropped?.(component);
    log.debug('event was not written', { reason, error: String(error) });
  }

  /**
   * Nanoseconds of the clock, whose last digits are chance, for many clocks are no finer; never the same twice, nor
   * back.
   */
  let last = 0n;
  function nextMoment(): bigint {
    const now = BigInt(Math.floor(clock.now())) * 1_000_000n + BigInt(Math.floor(random.next() * 1_000_000));
    return (last = now > last ? now : last + 1n);
  }

  return {
    record(about, type, reason, message, more = {}) {
      if (signal.aborted) return;
      if (unwritten >= mostWaiting) return onDropped?.(component);
      unwritten++;
      if (waiting.length === 0) void line.run(writeWaiting);
      waiting.push(eventOf(options, about, { type, reason, message, ...more }, nextMoment()));
    },
    flushed: () => line.run(() => undefined),
  };
}

interface Said {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly related?: KubeObject;
  readonly action?: string;
}

function eventOf(
  { component, host, clock }: EventRecorderOptions,
  about: Readonly<KubeObject>,
  said: Said,
  moment: bigint,
): Event {
  const now = rfc3339(clock.now());
  const { type, reason, message, action } = said;
  return {
    metadata: { name: eventName(about.metadata.name, moment), namespace: about.metadata.namespace ?? 'default' },
    involvedObject: referenceTo(about, said.fieldPath),
    reason,
    message,
    type,
    ...(action === undefined ? {} : { action }),
    ...(said.related === undefined ? {} : { related: referenceTo(said.related) }),
    source: { component, ...(host === undefined ? {} : { host }) },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    reportingComponent: component,
    reportingInstance: host ?? '',
  };
}

/** The object's name and a time in nanoseconds: sorted by name, the events of an object are in order. */
function eventName(name: string, moment: bigint): string {
  return `${name}.${moment.toString(16)}`;
}

function referenceTo({ apiVersion, kind, metadata }: Readonly<KubeObject>, fieldPath?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  const reference: ObjectReference = {};
  if (kind) reference.kind = kind;
  if (namespace) reference.namespace = namespace;
  if (name) reference.name = name;
  if (uid) reference.uid = uid;
  if (apiVersion) reference.apiVersion = apiVersion;
  if (resourceVersion) reference.resourceVersion = resourceVersion;
  if (fieldPath) reference.fieldPath = fieldPath;
  return reference;
}

/** What the client may take over, so that another try has its own. */
function copyOf(event: Event): Event {
  return { ...event, metadata: { ...event.metadata } };
}

function renamed(event: Event, random: Random): Event {
  const name = `${event.metadata.name}${Math.floor(random.next() * 16).toString(16)}`;
  return { ...event, metadata: { ...event.metadata, name } };
}

/** An event that was counted so far and is gone is made again: events live for an hour. */
async function countUp(client: Client, event: Event): Promise<readonly (Error | undefined)[]> {
  const { count, lastTimestamp, message } = event;
  try {
    await client.patch(Events, keyOf(event), { type: 'strategic', body: { count, lastTimestamp, message } });
    return [undefined];
  } catch (error) {
    if (!isStatus(error, 'NotFound')) return [error as Error];
    return client.createAll(Events, event.metadata.namespace, [copyOf(event)]);
  }
}
