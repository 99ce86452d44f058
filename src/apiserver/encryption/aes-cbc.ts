import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { joined, tooShort, type Transformer } from './transformer.ts';

const blockBytes = 16;

/** AES-CBC as Kubernetes stores it: vector, ciphertext with PKCS#7 padding. Says nothing of who has changed a value. */
export function aesCbc(key: Uint8Array, random: Pick<Random, 'bytes'>): Transformer {
  const algorithm = `aes-${key.length * 8}-cbc`;
  return {
    toStorage(clear) {
      const vector = random.bytes(blockBytes);
      const cipher = createCipheriv(algorithm, key, vector);
      return joined(vector, cipher.update(clear), cipher.final());
    },

    fromStorage(stored) {
      if (stored.length < blockBytes) throw new Error(tooShort);
      if (stored.length % blockBytes !== 0) throw new Error('the stored data is not a multiple of the block size');
      const decipher = createDecipheriv(algorithm, key, stored.subarray(0, blockBytes));
      const bytes = decipher.update(stored.subarray(blockBytes));
      try {
        return { bytes: joined(bytes, decipher.final()), isStale: false };
      } catch (cause) {
        throw new Error('invalid padding on input', { cause });
      }
    },
  };
}
