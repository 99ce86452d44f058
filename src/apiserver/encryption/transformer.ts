/** A value as it was read. */
export interface Clear {
  readonly bytes: Uint8Array;
  /** It would be written in another way now: with another key, or by another provider. */
  readonly isStale: boolean;
}

/**
 * Turns values into what the store holds, and back. `place` is the key that a value is stored under; where the algorithm
 * can, a value is good for its place only. What is returned is a buffer of its own, or the one that was given.
 */
export interface Transformer {
  /** Throws where it cannot encrypt now. */
  toStorage(clear: Uint8Array, place: string): Uint8Array;
  /** Throws, or rejects, where the value is not its own, was changed, or cannot be read now. */
  fromStorage(stored: Uint8Array, place: string): Clear | Promise<Clear>;
}

/** The parts one after the other, in a buffer of their own. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** What all of them say of a value that is too short to be one. */
export const tooShort = 'the stored data was shorter than the required size';
