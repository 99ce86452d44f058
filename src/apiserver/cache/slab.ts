/** Bytes that are taken from the engine at once. */
const slabBytes = 64 * 1024;

let slab = Buffer.alloc(0);
let used = 0;

/**
 * A buffer for one small answer or a few events, cut from a larger one that is never written over: to have the engine make
 * and forget a buffer for each costs more than to fill it.
 */
export function smallBuffer(bytes: number): Buffer {
  if (bytes > slabBytes / 8) return Buffer.allocUnsafeSlow(bytes);
  if (used + bytes > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  }
  const buffer = slab.subarray(used, used + bytes);
  used += bytes;
  return buffer;
}
