import { onAbort } from './abort.ts';
import type { Clock, Timer } from './clock.ts';

/** Longer delays overflow the platform's timers, which then fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** The machine's clock. Timers do not keep the process alive. A delay of 0 is one turn of the event loop. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
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

function setTimer(delayMs: number, callback: () => void): Timer {
  let cancel: () => void;
  if (delayMs <= 0) {
    const handle = setImmediate(callback);
    cancel = () => clearImmediate(handle);
  } else {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const step = Math.min(leftMs, longestDelayMs);
      handle = setTimeout(() => (leftMs > step ? wait(leftMs - step) : callback()), step);
      handle.unref();
    };
    wait(delayMs);
    cancel = () => clearTimeout(handle);
  }
  return { cancel, [Symbol.dispose]: cancel };
}
