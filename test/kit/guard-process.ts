/** Waits for the end of a test, and removes what it left: see `guard.ts`. */
import { appendFileSync, existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { systemClock } from '../../src/base/system-clock.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import type { Remains } from './remains.ts';

/** Processes that end, and such that were just being started, can be in the way for a moment. */
const attempts = 5;
const pauseMs = 500;

const [told = '', word] = (await text(process.stdin)).split('\n');
if (told !== '' && word !== 'done') await remove(JSON.parse(told) as Remains);

async function remove(remains: Remains): Promise<void> {
  using alive = keepAlive();
  void alive;
  // Nearly always there is nothing to do, so what does it is not even read before.
  const { removeRemains } = await import('./remains.ts');
  for (let attempt = 1; ; attempt++) {
    try {
      return await removeRemains(remains);
    } catch (error) {
      if (existsSync(remains.folder)) appendFileSync(`${remains.folder}/guard.log`, `${String(error)}\n`);
      if (attempt === attempts) throw error;
      await systemClock.sleep(pauseMs);
    }
  }
}
