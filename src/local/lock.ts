import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Clock } from '../base/clock.ts';

const pollMs = 20;

/** As {@link takeLock}, and waits for it. */
export async function awaitLock(name: string, clock: Clock, signal: AbortSignal): Promise<AsyncDisposable> {
  for (;;) {
    const lock = await takeLock(name);
    if (lock !== undefined) return lock;
    await clock.sleep(pollMs, signal);
  }
}

/**
 * Takes a lock that only one process of this machine (of one network namespace) can hold, and that the kernel frees when
 * its holder ends, however that happens. `undefined`: someone else holds it.
 */
export function takeLock(name: string): Promise<AsyncDisposable | undefined> {
  // A socket with an abstract name: there is no file that could be left behind.
  const address = `\0kubeling/${createHash('sha256').update(name).digest('hex')}`;
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => {
      server.unref();
      resolve({ [Symbol.asyncDispose]: () => new Promise((done) => void server.close(() => done())) });
    });
  });
}
