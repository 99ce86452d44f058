import { encryptedForIdentity, isEncrypted } from './identity.ts';

/** Why values could not be decrypted. */
const reasons = new WeakMap<Uint8Array, string>();

/** Notes why a stored value stays as it is. */
export function markUnreadable(stored: Uint8Array, error: unknown): void {
  reasons.set(stored, error instanceof Error ? error.message : String(error));
}

/** Why a value that came out of the store is none that can be read; `undefined` when it is one. */
export function unreadableReason(value: Uint8Array): string | undefined {
  return isEncrypted(value) ? (reasons.get(value) ?? encryptedForIdentity) : undefined;
}
