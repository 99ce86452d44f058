/** Randomness as a component sees it; seeded in tests. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  bytes(length: number): Uint8Array;
  /** A version 4 UUID in its usual text form. */
  uuid(): string;
}

/** The alphabet of generated names: no vowels and no look-alikes, so that no word is ever spelled. */
const nameAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Letters for `generateName` and pod template hashes. */
export function randomName(random: Random, length: number): string {
  let name = '';
  for (let i = 0; i < length; i++) name += nameAlphabet[Math.floor(random.next() * nameAlphabet.length)];
  return name;
}
