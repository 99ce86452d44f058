import { timingSafeEqual } from 'node:crypto';

const sigma = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
const blockBytes = 64;
export const nonceBytes = 24;
export const tagBytes = 16;

/** Which four words each quarter of a double round of Salsa20 mixes: columns, then rows. */
const quarters = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const;

/**
 * NaCl's secretbox (XSalsa20 and Poly1305), which OpenSSL does not have: the tag, then the ciphertext. `key` has 32 bytes, a
 * nonce 24, and is good for one value.
 */
export function seal(clear: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array {
  const { stream, macKey } = keyStream(key, nonce, clear.length);
  const box = new Uint8Array(tagBytes + clear.length);
  for (let at = 0; at < clear.length; at++) box[tagBytes + at] = clear[at]! ^ stream[at]!;
  box.set(poly1305(box.subarray(tagBytes), macKey));
  return box;
}

/** What was sealed; `undefined` where the box is not of this key and nonce, or was changed. */
export function open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (box.length < tagBytes) return undefined;
  const sealed = box.subarray(tagBytes);
  const { stream, macKey } = keyStream(key, nonce, sealed.length);
  if (!timingSafeEqual(poly1305(sealed, macKey), box.subarray(0, tagBytes))) return undefined;
  return sealed.map((byte, at) => byte ^ stream[at]!);
}

/** The first 32 bytes of the stream are the key of the tag. */
function keyStream(key: Uint8Array, nonce: Uint8Array, length: number) {
  const subkey = hsalsa20(words(key), words(nonce.subarray(0, 16)));
  const [low, high] = words(nonce.subarray(16)) as unknown as [number, number];
  const blocks = Math.ceil((32 + length) / blockBytes);
  const bytes = new Uint8Array(blocks * blockBytes);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const input = state(subkey, Uint32Array.of(low, high, block, 0));
    const mixed = rounds(input);
    for (let at = 0; at < 16; at++) view.setUint32(block * blockBytes + at * 4, mixed[at]! + input[at]!, true);
  }
  return { macKey: bytes.subarray(0, 32), stream: bytes.subarray(32, 32 + length) };
}

function hsalsa20(key: Uint32Array, nonce: Uint32Array): Uint32Array {
  const mixed = rounds(state(key, nonce));
  return Uint32Array.from([0, 5, 10, 15, 6, 7, 8, 9], (at) => mixed[at]!);
}

function state(key: Uint32Array, middle: Uint32Array): Uint32Array {
  const made = new Uint32Array(16);
  for (let at = 0; at < 4; at++) {
    made[at * 5] = sigma[at]!;
    made[at + 1] = key[at]!;
    made[at + 6] = middle[at]!;
    made[at + 11] = key[at + 4]!;
  }
  return made;
}

/** The twenty rounds of Salsa20. */
function rounds(input: Uint32Array): Uint32Array {
  const x = Uint32Array.from(input);
  const mix = (to: number, a: number, b: number, by: number): void => {
    const sum = (x[a]! + x[b]!) | 0;
    x[to]! ^= (sum << by) | (sum >>> (32 - by));
  };
  for (let round = 0; round < 10; round++) {
    for (const [a, b, c, d] of quarters) {
      mix(b, a, d, 7);
      mix(c, b, a, 9);
      mix(d, c, b, 13);
      mix(a, d, c, 18);
    }
  }
  return x;
}

function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(at * 4, true));
}

const prime = (1n << 130n) - 5n;
const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn;

function poly1305(message: Uint8Array, key: Uint8Array): Uint8Array {
  const r = integer(key.subarray(0, 16)) & clamp;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16);
    sum = ((sum + integer(block) + (1n << BigInt(block.length * 8))) * r) % prime;
  }
  let tag = (sum + integer(key.subarray(16))) & ((1n << 128n) - 1n);
  const bytes = new Uint8Array(tagBytes);
  for (let at = 0; at < tagBytes; at++, tag >>= 8n) bytes[at] = Number(tag & 0xffn);
  return bytes;
}

/** Little end first. */
function integer(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
