import type { Clock } from '../../base/clock.ts';
import { FairQueues, type QueueSizes } from './fair-queues.ts';
import { TooManyRequestsError } from './too-many-requests.ts';

/** Gives back what was taken, once. */
export type Leave = () => void;

/** In seats; a request takes one or more. */
export interface LevelLimits {
  readonly name: string;
  /** `exempt` levels count, and hold nobody back. */
  readonly isExempt: boolean;
  /** What it has while all want theirs. */
  readonly nominal: number;
  /** What nobody borrows. */
  readonly lower: number;
  /** The most that it has while others do not want theirs. */
  readonly upper: number;
  /** Absent: who finds no seat is refused at once. */
  readonly queues?: QueueSizes;
}

/** The requests of one flow schema at a level. */
export interface Tally {
  running: number;
  /** Of those that run. */
  seats: number;
  waiting: number;
  dispatched: number;
  rejected: number;
}

interface Waiter {
  readonly seats: number;
  readonly tally: Tally;
  start(leave: Leave): void;
}

/** So long a request waits for a seat, in milliseconds: a quarter of what it may take, as in Kubernetes. */
const longestWaitMs = 15_000;

/** The seats of a server, which its priority levels share and lend each other. */
export class Seats {
  readonly clock: Clock;
  #levels: readonly PriorityLevel[] = [];
  #total = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** From now on there are these levels; requests of others run on, or wait until they are let in here. */
  share(levels: readonly PriorityLevel[], total: number): void {
    this.#levels = levels;
    // Each part is rounded up.
    this.#total = Math.max(
      total,
      levels.reduce((sum, { limits }) => sum + (limits.isExempt ? 0 : limits.nominal), 0),
    );
    this.dispatch();
  }

  get total(): number {
    return this.#total;
  }

  /** Whether a level may have so many more without taking what others are sure of. */
  hasRoom(level: PriorityLevel, seats: number): boolean {
    const wanted = level.seats + seats;
    if (wanted > level.limits.upper) return false;
    let others = 0;
    for (const other of this.#levels)
      if (other !== level && !other.limits.isExempt) others += Math.max(other.seats, other.limits.lower);
    return others + wanted <= this.#total;
  }

  /** Lets in who can start now. */
  dispatch(): void {
    for (const level of this.#levels) level.dispatch();
  }
}

/** Requests that have the same priority: how many run, and who waits. */
export class PriorityLevel {
  readonly limits: LevelLimits;
  readonly #seats: Seats;
  readonly #queues: FairQueues<Waiter> | undefined;
  readonly #tallies = new Map<string, Tally>();
  #taken = 0;

  constructor(limits: LevelLimits, seats: Seats) {
    this.limits = limits;
    this.#seats = seats;
    this.#queues = limits.queues === undefined ? undefined : new FairQueues(limits.queues);
  }

  /** Seats that are taken. */
  get seats(): number {
    return this.#taken;
  }

  /** The most seats that it ever has. */
  get upper(): number {
    return Math.min(this.limits.upper, this.#seats.total);
  }

  /** By the name of the flow schema. */
  get tallies(): ReadonlyMap<string, Readonly<Tally>> {
    return this.#tallies;
  }

  /**
   * Takes seats, at once or when there are some. Throws, or rejects with, {@link TooManyRequestsError}. `gone` is asked for
   * when there is something to wait for: who has gone gives up his place.
   */
  enter(schema: string, flow: string, seats: number, gone?: () => AbortSignal): Leave | Promise<Leave> {
    const tally = this.#tallyOf(schema);
    const isFree = this.#queues === undefined || this.#queues.size === 0;
    if (isFree && this.#canStart(seats)) return this.#start(seats, tally);
    if (this.#queues === undefined) throw refusal(tally);
    return this.#wait(this.#queues, flow, seats, tally, gone?.());
  }

  dispatch(): void {
    const queues = this.#queues;
    for (let next = queues?.peek(); next !== undefined && this.#canStart(next.seats); next = queues!.peek())
      queues!.take()!.start(this.#start(next.seats, next.tally));
  }

  /** One that is wider than all that the level has starts when it is alone; where there is nothing, nobody does. */
  #canStart(seats: number): boolean {
    const { isExempt, upper } = this.limits;
    return isExempt || (upper > 0 && (this.#taken === 0 || this.#seats.hasRoom(this, seats)));
  }

  #start(seats: number, tally: Tally): Leave {
    this.#taken += seats;
    tally.seats += seats;
    tally.running++;
    tally.dispatched++;
    return () => {
      this.#taken -= seats;
      tally.seats -= seats;
      tally.running--;
      this.#seats.dispatch();
    };
  }

  #wait(
    queues: FairQueues<Waiter>,
    flow: string,
    seats: number,
    tally: Tally,
    gone: AbortSignal | undefined,
  ): Promise<Leave> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        queues.remove(waiter);
        end();
        reject(refusal(tally));
      };
      const end = (): void => {
        tally.waiting--;
        timer.cancel();
        gone?.removeEventListener('abort', giveUp);
      };
      const waiter: Waiter = {
        seats,
        tally,
        start(leave) {
          end();
          resolve(leave);
        },
      };
      if (gone?.aborted === true || !queues.add(flow, waiter)) return reject(refusal(tally));
      tally.waiting++;
      const timer = this.#seats.clock.setTimer(longestWaitMs, giveUp);
      gone?.addEventListener('abort', giveUp);
    });
  }

  #tallyOf(schema: string): Tally {
    const tally = this.#tallies.get(schema) ?? { running: 0, seats: 0, waiting: 0, dispatched: 0, rejected: 0 };
    this.#tallies.set(schema, tally);
    return tally;
  }
}

function refusal(tally: Tally): TooManyRequestsError {
  tally.rejected++;
  return new TooManyRequestsError();
}
