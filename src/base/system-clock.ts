import { onAbort } from './abort.ts';
import type { Clock, Timer } from './clock.ts';

/** Longer delays overflow the platform's timers, which then fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** The machine's clock. Timers do not keep the process alive. A delay of 0 is one turn of the event loop. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  ...busyTime(),
  setTimer,

  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      let unlink = () => {};
      const timer = setTimer(delayMs, () => {
        unlink();
        resolve();
      });
      if (signal === undefined) return;
      unlink = onAbort(signal, () => {
        timer.cancel();
        reject(signal.reason);
      });
    });
  },
};

/** Browsers count none. */
function busyTime(): Pick<Clock, 'busy'> {
  const { process } = globalThis as { process?: Partial<Pick<NodeJS.Process, 'threadCpuUsage'>> };
  if (process?.threadCpuUsage === undefined) return {};
  return {
    busy() {
      const { user, system } = process.threadCpuUsage!();
      return (user + system) / 1000;
    },
  };
}

function setTimer(delayMs: number, callback: () => void): Timer {
  const { setImmediate, clearImmediate } = globalThis as Partial<Immediates>;
  let cancel: () => void;
  if (delayMs <= 0 && setImmediate !== undefined) {
    const handle = setImmediate(callback);
    cancel = () => clearImmediate?.(handle);
  } else {
    let handle: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      const step = Math.min(leftMs, longestDelayMs);
      handle = setTimeout(() => (leftMs > step ? wait(leftMs - step) : callback()), step);
      release(handle);
    };
    wait(delayMs);
    cancel = () => clearTimeout(handle);
  }
  return { cancel, [Symbol.dispose]: cancel };
}

/** Node has it, browsers do not: there the next turn is a timer too. */
interface Immediates {
  setImmediate(callback: () => void): unknown;
  clearImmediate(handle: unknown): void;
}

/** Lets the process end before the timer; in browsers timers are numbers, and there is no process. */
function release(handle: unknown): void {
  if (typeof handle === 'object' && handle !== null && 'unref' in handle) (handle as { unref(): void }).unref();
}
