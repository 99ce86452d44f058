import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** A document that is made when it is first asked for and then kept as bytes. */
export class CachedDocument {
  readonly #make: () => Uint8Array;
  #bytes: Uint8Array | undefined;
  #hash: string | undefined;
  #compressed: Promise<Uint8Array> | undefined;

  constructor(make: () => Uint8Array) {
    this.#make = make;
  }

  static json(make: () => unknown): CachedDocument {
    return new CachedDocument(() => Buffer.from(`${JSON.stringify(make())}\n`));
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.#make();
    return this.#bytes;
  }

  /** SHA-512 in upper case hexadecimal: the `hash` of document addresses and, quoted, the entity tag. */
  get hash(): string {
    this.#hash ??= createHash('sha512').update(this.bytes).digest('hex').toUpperCase();
    return this.#hash;
  }

  /** The same bytes for `content-encoding: gzip`; compressed once, off the event loop. */
  compressed(): Promise<Uint8Array> {
    this.#compressed ??= compress(this.bytes);
    return this.#compressed;
  }
}
