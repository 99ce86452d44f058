import type { Event } from '../api/core/v1/types.ts';
import { BoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';

/** What becomes of an event: written, counted up on one that was written before, or dropped. */
export type Correlated =
  | { readonly kind: 'create' | 'count'; readonly event: Event }
  | { readonly kind: 'drop'; readonly event?: undefined };

const similarBeforeCombining = 10;
const combiningWindowMs = 600_000;
const spamBurst = 25;
const spamRefillMs = 300_000;
/** Half of them are surely remembered. */
const mostObjects = 8192;
/** Of one reason of one object: an event that is told after so many others is written anew. */
const mostWritten = 64;

/** What is known of an object: most have a few events, each of another reason. */
interface Reported {
  tokens: number;
  at: number;
  readonly groups: Group[];
}

/** Events of one type and reason. */
interface Group {
  readonly type: string | undefined;
  readonly reason: string | undefined;
  last: number;
  messages: string[];
  readonly written: Written[];
}

/** An event in the cluster. One without a message stands for many. */
interface Written {
  readonly message: string | undefined;
  readonly fieldPath: string | undefined;
  readonly name: string;
  readonly firstTimestamp: string | undefined;
  count: number;
}

/**
 * Keeps a recorder from flooding the cluster, with the limits that Kubernetes clients use: an event equal to an
 * earlier one raises its count; from the tenth different message for the same object and reason within ten minutes on,
 * they share one event; and one object gets 25 events at once, then one in five minutes. All events have one source.
 */
export class EventCorrelation {
  readonly #clock: Clock;
  readonly #objects = new BoundedMap<string, Reported>(mostObjects);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  correlate(candidate: Event): Correlated {
    const now = this.#clock.now();
    const reported = this.#reported(candidate, now);
    const group = groupOf(reported, candidate, now);
    const isCombined = isOneOfMany(group, candidate.message ?? '', now);
    if (!hasBudget(reported, now)) return { kind: 'drop' };
    const event = isCombined ? combined(candidate) : candidate;
    const message = isCombined ? undefined : candidate.message;
    const fieldPath = isCombined ? undefined : candidate.involvedObject.fieldPath;
    const earlier = group.written.find((one) => one.message === message && one.fieldPath === fieldPath);
    if (earlier === undefined) {
      const { metadata, firstTimestamp } = event;
      group.written.push({ message, fieldPath, name: metadata.name, firstTimestamp, count: event.count ?? 1 });
      if (group.written.length > mostWritten) group.written.shift();
      return { kind: 'create', event };
    }
    const { name, firstTimestamp } = earlier;
    const counted = { ...event, metadata: { ...event.metadata, name }, count: ++earlier.count };
    if (firstTimestamp !== undefined) counted.firstTimestamp = firstTimestamp;
    return { kind: 'count', event: counted };
  }

  #reported({ involvedObject: { kind, namespace, name, uid, apiVersion } }: Event, now: number): Reported {
    const key = `${uid} ${name} ${namespace} ${kind} ${apiVersion}`;
    let reported = this.#objects.get(key);
    if (reported === undefined) this.#objects.set(key, (reported = { tokens: spamBurst, at: now, groups: [] }));
    return reported;
  }
}

function groupOf({ groups }: Reported, { type, reason }: Event, now: number): Group {
  let group = groups.find((one) => one.reason === reason && one.type === type);
  if (group === undefined) groups.push((group = { type, reason, last: now, messages: [], written: [] }));
  return group;
}

/** Takes note of a message, and answers whether it comes with too many others to have an event of its own. */
function isOneOfMany(group: Group, message: string, now: number): boolean {
  if (now - group.last > combiningWindowMs) group.messages = [];
  group.last = now;
  if (!group.messages.includes(message)) group.messages.push(message);
  if (group.messages.length < similarBeforeCombining) return false;
  group.messages.shift();
  return true;
}

function hasBudget(reported: Reported, now: number): boolean {
  reported.tokens = Math.min(spamBurst, reported.tokens + (now - reported.at) / spamRefillMs);
  reported.at = now;
  if (reported.tokens < 1) return false;
  reported.tokens--;
  return true;
}

/** An event that stands for many says no more which controller reported it than Kubernetes' do. */
function combined(event: Event): Event {
  const { reportingComponent: _component, reportingInstance: _instance, ...shared } = event;
  return { ...shared, message: `(combined from similar events): ${event.message}` };
}
