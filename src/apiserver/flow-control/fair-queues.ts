import { BoundedMap } from '../../base/bounded-map.ts';
import { handOf } from './hand-of-queues.ts';

export interface QueueSizes {
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

/** Something that waits for seats. */
export interface Waiting {
  readonly seats: number;
}

interface Queue<T> {
  readonly waiting: T[];
  /** Seats that its requests have had so far, on a clock that all queues share. */
  served: number;
}

/** Hands of so many flows are remembered. */
const mostHands = 1024;

/**
 * The requests of one priority level that wait. Each flow has a hand of queues and waits in the shortest of them; the queue
 * that has been served least is next, so that nobody gets more by asking more.
 */
export class FairQueues<T extends Waiting> {
  readonly #sizes: QueueSizes;
  /** Only those in which somebody waits. */
  readonly #active = new Map<number, Queue<T>>();
  readonly #hands = new BoundedMap<string, readonly number[]>(mostHands);
  /** What the queue that was served last had been served before. */
  #now = 0;
  #size = 0;

  constructor(sizes: QueueSizes) {
    this.#sizes = sizes;
  }

  get size(): number {
    return this.#size;
  }

  /** Answers whether there is room for it. */
  add(flow: string, one: T): boolean {
    const { queues, handSize, queueLengthLimit } = this.#sizes;
    const hand = this.#hands.get(flow) ?? this.#hands.set(flow, handOf(flow, queues, handSize));
    let shortest = hand[0]!;
    for (const at of hand) if (this.#lengthOf(at) < this.#lengthOf(shortest)) shortest = at;
    if (this.#lengthOf(shortest) >= queueLengthLimit) return false;
    const queue = this.#active.get(shortest);
    if (queue === undefined) this.#active.set(shortest, { waiting: [one], served: this.#now });
    else queue.waiting.push(one);
    this.#size++;
    return true;
  }

  /** Who is next, if anybody waits. */
  peek(): T | undefined {
    return this.#next()?.[1].waiting[0];
  }

  /** Takes who is next. */
  take(): T | undefined {
    const next = this.#next();
    if (next === undefined) return undefined;
    const [at, queue] = next;
    const one = queue.waiting.shift()!;
    this.#now = queue.served;
    queue.served += one.seats;
    this.#removed(at, queue);
    return one;
  }

  /** Takes one that waits no more. */
  remove(one: T): void {
    for (const [at, queue] of this.#active) {
      const place = queue.waiting.indexOf(one);
      if (place < 0) continue;
      queue.waiting.splice(place, 1);
      return this.#removed(at, queue);
    }
  }

  #removed(at: number, queue: Queue<T>): void {
    this.#size--;
    if (queue.waiting.length === 0) this.#active.delete(at);
  }

  #next(): readonly [number, Queue<T>] | undefined {
    let least: readonly [number, Queue<T>] | undefined;
    for (const entry of this.#active) if (least === undefined || entry[1].served < least[1].served) least = entry;
    return least;
  }

  #lengthOf(at: number): number {
    return this.#active.get(at)?.waiting.length ?? 0;
  }
}
