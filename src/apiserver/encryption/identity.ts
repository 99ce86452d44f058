import type { Transformer } from './transformer.ts';

/** With this begins every value that some provider has encrypted. JSON begins otherwise. */
const encryptedPrefix = Buffer.from('k8s:enc:');

/** Stores values as they are; what is encrypted is not its own. */
export const identity: Transformer = {
  toStorage: (clear) => clear,

  fromStorage(stored) {
    if (isEncrypted(stored)) throw new Error(encryptedForIdentity);
    return { bytes: stored, isStale: false };
  },
};

/** What is said of a value that nobody decrypts. */
export const encryptedForIdentity = 'identity transformer tried to read encrypted data';

export function isEncrypted(stored: Uint8Array): boolean {
  // Nearly all values differ in their first byte.
  return stored[0] === encryptedPrefix[0] && encryptedPrefix.equals(stored.subarray(0, encryptedPrefix.length));
}
