/** 64 hexadecimal digits that depend on nothing but `seed`: the ids of simulated containers and images. Not for secrets. */
export function identifierFrom(seed: string): string {
  let text = '';
  for (let round = 0; text.length < 64; round++) {
    let hash = 0x811c9dc5 ^ round;
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
    hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
    text += ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
  }
  return text;
}
