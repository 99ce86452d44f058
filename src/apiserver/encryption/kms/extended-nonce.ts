import { createHmac } from 'node:crypto';
import type { Random } from '../../../base/random.ts';
import { aesGcm } from '../aes-gcm.ts';
import { joined, tooShort, type Transformer } from '../transformer.ts';

const infoBytes = 32;
/** Of a seed, in bytes. */
export const seedBytes = 32;

/**
 * AES-GCM with a key of its own for each value, drawn from a seed by HKDF (expansion only, SHA-256) over 32 random bytes
 * that stand before the ciphertext. So a seed does not wear out.
 */
export function extendedNonceGcm(seed: Uint8Array, random: Pick<Random, 'bytes'>): Transformer {
  if (seed.length < seedBytes) throw new Error(`invalid seed length ${seed.length} used for key generation`);
  // The first block of the expansion is as long as the key.
  const keyOf = (info: Uint8Array): Transformer =>
    aesGcm(createHmac('sha256', seed).update(info).update(firstBlock).digest(), random);
  return {
    toStorage(clear, place) {
      const info = random.bytes(infoBytes);
      return joined(info, keyOf(info).toStorage(clear, place));
    },

    fromStorage(stored, place) {
      if (stored.length < infoBytes) throw new Error(tooShort);
      return keyOf(stored.subarray(0, infoBytes)).fromStorage(stored.subarray(infoBytes), place);
    },
  };
}

const firstBlock = Uint8Array.of(1);
