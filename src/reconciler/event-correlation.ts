import type { Event } from '../api/core/v1/types.ts';
import type { Clock } from '../base/clock.ts';

/** What becomes of an event: written, counted up on one that was written before, or dropped. */
export type Correlated =
  | { readonly kind: 'create'; readonly event: Event; readonly key: string }
  | { readonly kind: 'count'; readonly event: Event; readonly key: string }
  | { readonly kind: 'drop' };

const similarBeforeCombining = 10;
const combiningWindowMs = 600_000;
const spamBurst = 25;
const spamRefillMs = 300_000;
const mostRemembered = 4096;

/**
 * Keeps a recorder from flooding the cluster, with the limits that Kubernetes clients use: an event equal to an
 * earlier one raises its count; from the tenth different message for the same object and reason within ten minutes on,
 * they share one event; and one object gets 25 events at once, then one in five minutes.
 */
export class EventCorrelation {
  readonly #clock: Clock;
  readonly #similar = new Recent<{ messages: Set<string>; last: number }>();
  readonly #written = new Recent<Event>();
  readonly #budgets = new Recent<{ tokens: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  correlate(candidate: Event): Correlated {
    const { event, key } = this.#combine(candidate);
    const earlier = this.#written.get(key);
    const now = this.#clock.now();
    if (!this.#spend(objectKey(event), now)) return { kind: 'drop' };
    if (earlier === undefined) {
      this.#written.set(key, event);
      return { kind: 'create', event, key };
    }
    const { name } = earlier.metadata;
    const metadata = { ...event.metadata, name };
    const counted = { ...event, metadata, firstTimestamp: earlier.firstTimestamp, count: (earlier.count ?? 1) + 1 };
    this.#written.set(key, counted);
    return { kind: 'count', event: counted, key };
  }

  #combine(event: Event): { event: Event; key: string } {
    const group = groupKey(event);
    const now = this.#clock.now();
    let similar = this.#similar.get(group);
    if (similar === undefined || now - similar.last > combiningWindowMs) similar = { messages: new Set(), last: now };
    similar.last = now;
    similar.messages.add(event.message ?? '');
    this.#similar.set(group, similar);
    if (similar.messages.size < similarBeforeCombining)
      return { event, key: `${group} ${event.involvedObject.fieldPath ?? ''} ${event.message}` };
    const oldest = similar.messages.values().next();
    if (!oldest.done) similar.messages.delete(oldest.value);
    // An event that stands for many says no more which controller reported it than Kubernetes' do.
    const { reportingComponent: _component, reportingInstance: _instance, ...shared } = event;
    return { event: { ...shared, message: `(combined from similar events): ${event.message}` }, key: group };
  }

  #spend(object: string, now: number): boolean {
    const budget = this.#budgets.get(object) ?? { tokens: spamBurst, at: now };
    const tokens = Math.min(spamBurst, budget.tokens + (now - budget.at) / spamRefillMs);
    const enough = tokens >= 1;
    this.#budgets.set(object, { tokens: enough ? tokens - 1 : tokens, at: now });
    return enough;
  }
}

function objectKey({ source, involvedObject: { kind, namespace, name, uid, apiVersion } }: Event): string {
  return JSON.stringify([source?.component, source?.host, kind, namespace, name, uid, apiVersion]);
}

function groupKey(event: Event): string {
  return `${objectKey(event)} ${event.type} ${event.reason} ${event.reportingComponent} ${event.reportingInstance}`;
}

/** A map that forgets what was set longest ago. */
class Recent<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= mostRemembered) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
