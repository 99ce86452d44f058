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
}

export interface WritingRecorder extends EventRecorder {
  /** Resolves when everything recorded so far was written or given up. */
  flushed(): Promise<void>;
}

const mostWaiting = 1000;
const mostAttempts = 12;
const retryMs = 10_000;

/** Writes events one after the other, in the order they were recorded; those beyond the limits are dropped. */
export function createEventRecorder(options: EventRecorderOptions): WritingRecorder {
  const { client, clock, random, log, signal } = options;
  const correlation = new EventCorrelation(clock);
  const line = new Serial();
  let waiting = 0;

  async function write(event: Event): Promise<void> {
    const correlated = correlation.correlate(event);
    if (correlated.kind === 'drop') return;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        if (correlated.kind === 'create' || !(await countUp(client, correlated.event)))
          await create(client, correlated.event, random);
        return;
      } catch (error) {
        // The server has decided; only an unreachable one is worth another try.
        if (error instanceof StatusError || attempt === mostAttempts) {
          log.debug('event was not written', { reason: event.reason, error: String(error) });
          return;
        }
        await clock.sleep(retryMs * random.next(), signal).catch(() => undefined);
      }
    }
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
      if (waiting >= mostWaiting || signal.aborted) return;
      waiting++;
      const event = eventOf(options, about, { type, reason, message, ...more }, nextMoment());
      void line.run(() => write(event)).finally(() => waiting--);
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
  const reference = { kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath };
  return Object.fromEntries(Object.entries(reference).filter(([, value]) => value !== undefined && value !== ''));
}

async function create(client: Client, event: Event, random: Random): Promise<void> {
  try {
    await client.create(Events, event);
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
    const name = `${event.metadata.name}${Math.floor(random.next() * 16).toString(16)}`;
    await client.create(Events, { ...event, metadata: { ...event.metadata, name } });
  }
}

/** False when the event counted so far is gone: events live for an hour. */
async function countUp(client: Client, event: Event): Promise<boolean> {
  const { count, lastTimestamp, message } = event;
  try {
    await client.patch(Events, keyOf(event), { type: 'strategic', body: { count, lastTimestamp, message } });
    return true;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return false;
    throw error;
  }
}
