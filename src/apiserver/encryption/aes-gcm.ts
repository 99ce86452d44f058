import { createCipheriv, createDecipheriv, type CipherGCMTypes } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { joined, tooShort, type Transformer } from './transformer.ts';

const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-GCM as Kubernetes stores it: nonce, ciphertext, tag; bound to its place. Nonces are drawn, so that a key is good for
 * 2^32 values. `key` has 16, 24 or 32 bytes.
 */
export function aesGcm(key: Uint8Array, random: Pick<Random, 'bytes'>): Transformer {
  const algorithm: CipherGCMTypes = `aes-${(key.length * 8) as 128 | 192 | 256}-gcm`;
  return {
    toStorage(clear, place) {
      const nonce = random.bytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(place));
      return joined(nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag());
    },

    fromStorage(stored, place) {
      if (stored.length < nonceBytes) throw new Error(tooShort);
      const end = stored.length - tagBytes;
      if (end < nonceBytes) throw new Error(unauthentic);
      const decipher = createDecipheriv(algorithm, key, stored.subarray(0, nonceBytes))
        .setAAD(Buffer.from(place))
        .setAuthTag(stored.subarray(end));
      const bytes = decipher.update(stored.subarray(nonceBytes, end));
      try {
        decipher.final();
      } catch (cause) {
        throw new Error(unauthentic, { cause });
      }
      return { bytes: joined(bytes), isStale: false };
    },
  };
}

/** What Go's package says, and so Kubernetes. */
const unauthentic = 'cipher: message authentication failed';
