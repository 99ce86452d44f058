import type { Clock } from '../../base/clock.ts';
import type { HttpLimits } from '../limits.ts';
import { HpackDecoder } from '../hpack/decoder.ts';
import { HeadBlock } from './head-block.ts';
import type { Payload } from './payload.ts';
import { code, ConnectionError, flag } from './protocol.ts';

/** A head that has come whole. */
export interface WholeHead {
  readonly id: number;
  readonly endStream: boolean;
  /** Names and values in turn. */
  readonly fields: readonly string[];
  readonly tooLarge: boolean;
  /** Its priority names the stream itself. */
  readonly dependsOnItself: boolean;
}

/** Puts heads together out of HEADERS and CONTINUATION frames. */
export class HeadReader {
  readonly #decoder: HpackDecoder;
  readonly #limits: HttpLimits;
  #block: HeadBlock | undefined;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
    this.#decoder = new HpackDecoder({ bytes: limits.headerBytes, fields: limits.headers });
  }

  /** The stream whose head goes on, since when, and with how many bytes so far. */
  get open(): Readonly<Pick<HeadBlock, 'id' | 'since' | 'bytes'>> | undefined {
    return this.#block;
  }

  /** Reads a HEADERS frame. `undefined`: it goes on. */
  headers(flags: number, id: number, payload: Payload, clock: Clock): WholeHead | undefined {
    if (id % 2 === 0) throw new ConnectionError(code.protocolError, 'a request with the number of an answer');
    const endStream = (flags & flag.endStream) !== 0;
    if ((flags & flag.padded) !== 0) payload.stripPadding();
    const dependsOnItself = (flags & flag.priority) !== 0 && payload.takePriority() === id;
    if ((flags & flag.endHeaders) !== 0) return this.#whole(id, endStream, payload, dependsOnItself);
    if (dependsOnItself) throw new ConnectionError(code.protocolError, 'a request that depends on itself');
    this.#block = new HeadBlock(id, endStream, clock.monotonic(), this.#limits.headerBytes);
    this.#block.add(payload);
    return undefined;
  }

  continuation(flags: number, payload: Payload): WholeHead | undefined {
    const block = this.#block;
    if (block === undefined) throw new ConnectionError(code.protocolError, 'no head to continue');
    block.add(payload);
    if ((flags & flag.endHeaders) === 0) return undefined;
    this.#block = undefined;
    return this.#whole(block.id, block.endStream, block.whole(), false);
  }

  /** Reads the fields whatever becomes of the request: the next block builds on their entries. */
  #whole(id: number, endStream: boolean, { bytes, start, end }: Payload, dependsOnItself: boolean): WholeHead {
    const { fields, tooLarge } = this.#decoder.decode(bytes, start, end);
    return { id, endStream, fields, tooLarge, dependsOnItself };
  }
}
