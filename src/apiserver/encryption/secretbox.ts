import type { Random } from '../../base/random.ts';
import { joined, tooShort, type Transformer } from './transformer.ts';
import { nonceBytes, open, seal, tagBytes } from './xsalsa20-poly1305.ts';

/** NaCl's secretbox as Kubernetes stores it: nonce, tag, ciphertext. `key` has 32 bytes. */
export function secretbox(key: Uint8Array, random: Pick<Random, 'bytes'>): Transformer {
  return {
    toStorage(clear) {
      const nonce = random.bytes(nonceBytes);
      return joined(nonce, seal(clear, nonce, key));
    },

    fromStorage(stored) {
      if (stored.length < nonceBytes + tagBytes) throw new Error(tooShort);
      const bytes = open(stored.subarray(nonceBytes), stored.subarray(0, nonceBytes), key);
      // Kubernetes' own words, whatever is wrong.
      if (bytes === undefined) throw new Error('output array was not large enough for encryption');
      return { bytes, isStale: false };
    },
  };
}
