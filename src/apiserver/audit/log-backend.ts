import type { Logger } from '../../base/logger.ts';
import type { AuditBackend } from './audit-trail.ts';
import type { AuditTallies } from './audit-tallies.ts';
import { eventText, type Event } from './event.ts';
import type { RotatingFile } from './rotating-file.ts';

/** Bytes of events that may wait for the disk; what comes beyond that is lost, and counted. */
const mostWaitingBytes = 32 << 20;

/**
 * Writes events to a file, one on each line, in the order in which they came. Requests do not wait for the disk: what comes
 * while lines are being written is written together afterwards.
 */
export class LogBackend implements AuditBackend {
  readonly #file: RotatingFile;
  readonly #tallies: AuditTallies;
  readonly #log: Logger;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #isBroken = false;

  constructor(file: RotatingFile, parts: { readonly tallies: AuditTallies; readonly log: Logger }) {
    this.#file = file;
    this.#tallies = parts.tallies;
    this.#log = parts.log;
  }

  take(event: Event): void {
    const line = `${eventText(event)}\n`;
    if (this.#waitingBytes + line.length > mostWaitingBytes) return this.#tallies.lost('log', 1);
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#file[Symbol.asyncDispose]();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        await this.#file.append(lines);
        this.#isBroken = false;
      } catch (error) {
        this.#tallies.lost('log', lines.length);
        // Once for each time that it breaks: the log is on the same disk, most likely.
        if (!this.#isBroken) this.#log.error('Audit log cannot be written', { error });
        this.#isBroken = true;
      }
    }
  }
}
