import type { Random } from './random.ts';

/** WebCrypto gives no more at once. */
const mostBytesAtOnce = 65_536;

/** Unpredictable randomness: `bytes` and `uuid` are fit for secrets and identities, `next` for spreading load. */
export const systemRandom: Random = {
  next: () => Math.random(),

  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += mostBytesAtOnce)
      crypto.getRandomValues(bytes.subarray(at, at + mostBytesAtOnce));
    return bytes;
  },

  uuid: () => crypto.randomUUID(),
};
