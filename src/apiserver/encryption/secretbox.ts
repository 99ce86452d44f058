import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import type { Random } from '../../base/random.ts';
import { joined, tooShort, type Transformer } from './transformer.ts';

const nonceBytes = 24;
const tagBytes = 16;

/** NaCl's secretbox as Kubernetes stores it: nonce, tag, ciphertext. `key` has 32 bytes. */
export function secretbox(key: Uint8Array, random: Pick<Random, 'bytes'>): Transformer {
  return {
    toStorage(clear) {
      const nonce = random.bytes(nonceBytes);
      return joined(nonce, xsalsa20poly1305(key, nonce).encrypt(clear));
    },

    fromStorage(stored) {
      if (stored.length < nonceBytes + tagBytes) throw new Error(tooShort);
      return { bytes: opened(key, stored.subarray(0, nonceBytes), stored.subarray(nonceBytes)), isStale: false };
    },
  };
}

function opened(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  try {
    return xsalsa20poly1305(key, nonce).decrypt(sealed);
  } catch {
    // Kubernetes' own words, whatever is wrong.
    throw new Error('output array was not large enough for encryption');
  }
}
