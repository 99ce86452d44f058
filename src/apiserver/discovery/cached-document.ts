import { inTurns, type Steps } from '../../base/in-steps.ts';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { json } from './in-pieces.ts';

const compress = promisify(gzip);

/** A document as it is sent. */
export interface Made {
  readonly bytes: Uint8Array;
  /** SHA-512 in upper case hexadecimal: the `hash` of document addresses and, quoted, the entity tag. */
  readonly hash: string;
}

/** A document that is made when it is first asked for, in turns of the event loop, and then kept as bytes. */
export class CachedDocument {
  readonly #make: () => Steps<readonly Uint8Array[]>;
  #made: Promise<Made> | undefined;
  #compressed: Promise<Uint8Array> | undefined;

  /** `make` answers the pieces of the document. */
  constructor(make: () => Steps<readonly Uint8Array[]>) {
    this.#make = make;
  }

  static json(make: () => unknown): CachedDocument {
    return new CachedDocument(() => json(make()));
  }

  /** One that is small, or seldom asked for: made at once. */
  static whole(make: () => Uint8Array): CachedDocument {
    // eslint-disable-next-line require-yield
    return new CachedDocument(function* () {
      return [make()];
    });
  }

  made(): Promise<Made> {
    this.#made ??= inTurns(hashed(this.#make()));
    return this.#made;
  }

  /** The same bytes for `content-encoding: gzip`; compressed once, off the event loop. */
  compressed(): Promise<Uint8Array> {
    this.#compressed ??= this.made().then(({ bytes }) => compress(bytes));
    return this.#compressed;
  }
}

function* hashed(making: Steps<readonly Uint8Array[]>): Steps<Made> {
  const pieces = yield* making;
  const hash = createHash('sha512');
  for (const piece of pieces) {
    hash.update(piece);
    yield;
  }
  const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  return { bytes, hash: hash.digest('hex').toUpperCase() };
}
