import { signal, type ReadonlySignal } from '@preact/signals';
import type { Clock } from '../../base/clock.ts';
import { LogTail } from './log-tail.ts';

/** A log as it comes. */
export interface LiveLog {
  readonly text: ReadonlySignal<string>;
  /** How many lines there were before those that are kept. */
  readonly dropped: ReadonlySignal<number>;
  /** Why nothing more comes: `The log has ended`, or what went wrong. */
  readonly end: ReadonlySignal<string | undefined>;
}

/** Lines come in heaps: the page shows them together. */
const settleMs = 100;

/** Reads a text until it ends, and shows what has come a few times in a second. */
export function readLog(pieces: AsyncIterable<string>, { clock }: { readonly clock: Clock }): LiveLog {
  const tail = new LogTail();
  const text = signal('');
  const dropped = signal(0);
  const end = signal<string | undefined>(undefined);
  let isDue = false;
  const show = (): void => {
    isDue = false;
    text.value = tail.text();
    dropped.value = tail.dropped;
  };
  const read = async (): Promise<void> => {
    for await (const piece of pieces) {
      tail.push(piece);
      if (isDue) continue;
      isDue = true;
      clock.setTimer(settleMs, show);
    }
  };
  void read().then(
    () => {
      show();
      end.value = 'The log has ended.';
    },
    (error: unknown) => {
      show();
      end.value = error instanceof Error ? error.message : String(error);
    },
  );
  return { text, dropped, end };
}
