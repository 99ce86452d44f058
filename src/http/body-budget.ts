/** A body of which something is held. */
export interface HeldBody {
  readonly heldBytes: number;
  /** When bytes have last come; by the monotonic clock. */
  readonly progressedAt: number;
  /** Whether somebody has begun to read it. */
  readonly isWanted: boolean;
  /** Lets go of it; whoever reads it is told. */
  evict(): void;
}

/** What has come within this time has not stopped. */
const patienceMs = 1000;
/** So much of the limit is made free at once. */
const sparePart = 16;

/**
 * Bytes of bodies that are being read, on all connections. When there is no room, those that have stopped to come must
 * go: first those that nobody wants, then the largest. So nobody takes the room of all others by sending nothing more.
 */
export class BodyBudget {
  readonly #limit: number;
  readonly #bodies = new Set<HeldBody>();
  #used = 0;
  /** Before this nothing stops that has not stopped yet; by the monotonic clock. */
  #nextStop = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** False: there is no room. */
  take(body: HeldBody, bytes: number, now: number): boolean {
    if (this.#used + bytes > this.#limit) this.#makeRoom(body, bytes, now);
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    this.#bodies.add(body);
    return true;
  }

  /** All that is held of a body is given back at once. */
  give(body: HeldBody, bytes: number): void {
    this.#used -= bytes;
    this.#bodies.delete(body);
  }

  #makeRoom(asking: HeldBody, bytes: number, now: number): void {
    if (now < this.#nextStop) return;
    this.#nextStop = now + patienceMs;
    const stopped: HeldBody[] = [];
    for (const body of this.#bodies) {
      const stopsAt = body.progressedAt + patienceMs;
      if (stopsAt > now) this.#nextStop = Math.min(this.#nextStop, stopsAt);
      else if (body !== asking) stopped.push(body);
    }
    stopped.sort((a, b) => Number(a.isWanted) - Number(b.isWanted) || b.heldBytes - a.heldBytes);
    // More than is needed now, so that not each of many who ask has them all looked through.
    const wanted = this.#limit - bytes - Math.floor(this.#limit / sparePart);
    for (const body of stopped) {
      if (this.#used <= wanted) {
        this.#nextStop = now;
        return;
      }
      body.evict();
    }
  }
}
