import type { Clock } from './clock.ts';

/** Milliseconds of long work in one turn of the event loop, of all that goes on together: on the clock, and of a processor. */
const mostTurnMs = 5;
/** What is worked on between two looks at the clock, in bytes; a step counts for so many besides its own. */
const fewBytes = 16 * 1024;
const bytesOfStep = 1024;

/**
 * The turns of the event loop, which all long work of a process shares: so much time is for it in each, however many
 * requests there are, and who has not come to his end waits in one line for his next share. Sockets and timers have their
 * turn in between. On virtual time no time passes within a turn, and nobody waits.
 */
export class Turns {
  static readonly #ofWork = new WeakMap<Clock, Turns>();
  static readonly #ofBeginnings = new WeakMap<Clock, Turns>();
  readonly #clock: Clock;
  readonly #line: (() => void)[] = [];
  #began = 0;
  #busyAtBegin = 0;
  #isOpen = false;
  /** Whether the present turn began among sockets and timers, so that its end comes before they are asked again. */
  #isEarly = false;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** There is one event loop, and so one line for all who have the same clock. */
  static of(clock: Clock): Turns {
    return Turns.#in(Turns.#ofWork, clock);
  }

  /**
   * The line of those that begin. They have a time of their own in each turn, so that hundreds that come together do not
   * hold it, and nobody's long work keeps them from beginning.
   */
  static ofBeginnings(clock: Clock): Turns {
    return Turns.#in(Turns.#ofBeginnings, clock);
  }

  static #in(lines: WeakMap<Clock, Turns>, clock: Clock): Turns {
    let turns = lines.get(clock);
    if (turns === undefined) lines.set(clock, (turns = new Turns(clock)));
    return turns;
  }

  /** Whether the present turn has no more time for long work: {@link next} has. */
  get isOver(): boolean {
    const now = this.#clock.monotonic();
    if (!this.#isOpen) this.#openEarly(now);
    return now - this.#began >= mostTurnMs && this.#hasWorked;
  }

  /** Where other processes have the processors, time passes in which nothing is done: a turn of one step would never end a long work. */
  get #hasWorked(): boolean {
    const { busy } = this.#clock;
    return busy === undefined || busy() - this.#busyAtBegin >= mostTurnMs;
  }

  /** Resolves when the next step of long work may be done: at once in a turn that has time for it. */
  share(): Promise<void> {
    return this.isOver ? this.next() : Promise.resolve();
  }

  /**
   * Resolves when it is the caller's turn, behind all who wait already. He may do one step whatever {@link isOver}
   * says.
   */
  next(): Promise<void> {
    if (!this.#isOpen) this.#openEarly(this.#clock.monotonic());
    return new Promise((resolve) => this.#line.push(resolve));
  }

  #open(now: number): void {
    this.#isOpen = true;
    this.#began = now;
    this.#busyAtBegin = this.#clock.busy?.() ?? 0;
    setImmediate(this.#turn);
  }

  #openEarly(now: number): void {
    this.#isEarly = true;
    this.#open(now);
  }

  readonly #turn = (): void => {
    const isUsed = this.#isEarly && this.isOver;
    this.#isEarly = false;
    // Else the work of two turns would stand between two looks at the sockets.
    if (isUsed) return void setImmediate(this.#turn);
    this.#isOpen = false;
    if (this.#line.length === 0) return;
    this.#open(this.#clock.monotonic());
    this.#admit();
  };

  #admit(): void {
    this.#line.shift()!();
    // Runs behind what the first one does now: the others get what he leaves of the turn.
    queueMicrotask(this.#admitMore);
  }

  readonly #admitMore = (): void => {
    if (this.#line.length > 0 && !this.isOver) this.#admit();
  };
}

/** One piece of long work, which goes in small steps. */
export class LongWork {
  readonly #turns: Turns;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#turns = Turns.of(clock);
  }

  /** Asked after each step, on so many bytes: whether it is time to wait for {@link next}. */
  mustWait(bytes = 0): boolean {
    this.#bytes += bytesOfStep + bytes;
    if (this.#bytes < fewBytes) return false;
    this.#bytes = 0;
    return this.#turns.isOver;
  }

  next(): Promise<void> {
    return this.#turns.next();
  }
}
