/**
 * What clients may take of a server's connections, in bytes, milliseconds and numbers. How long one body may be is for
 * its reader to say (`Exchange.readBody`); what may stand in it, for who decodes it.
 */
export interface HttpLimits {
  /** Connections at once; further ones are closed at once. */
  readonly connections: number;
  /** Until TLS is agreed on. */
  readonly handshakeMs: number;
  /** Until the first request of a connection, and each head that has begun, is complete. */
  readonly headMs: number;
  /** Without a request; then the connection is closed (HTTP/2: GOAWAY first). */
  readonly idleMs: number;
  /** Of one request: names and values, and 32 bytes for each header. Beyond: 431. */
  readonly headerBytes: number;
  readonly headers: number;
  /**
   * Of the heads of all requests that are coming or under way together, not counting the first `freeHeadBytes` of each.
   * Beyond: 503, over HTTP/2 the request is refused.
   */
  readonly headBytes: number;
  readonly freeHeadBytes: number;
  /** Requests at once on an HTTP/2 connection, those included whose client has gone but whose handler still runs. */
  readonly streams: number;
  /**
   * Frames on an HTTP/2 connection that do no work (settings, pings, resets, window updates, empty data, refused
   * requests): so many at once, and so many more in each second. Complete answers and data earn some more. Beyond:
   * GOAWAY.
   */
  readonly controlBurst: number;
  readonly controlPerSecond: number;
  /** What a client may send ahead of its reader, for one request and for one HTTP/2 connection. */
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
  /** The rest of a body that nobody wants is still read up to here, so that its connection stays of use. */
  readonly unwantedBytes: number;
  /** A body that is read whole may come as it likes for so long, then at this pace at least. */
  readonly bodyGraceMs: number;
  readonly bodyBytesPerSecond: number;
  /** Of all bodies that are being read together. */
  readonly bodyBytes: number;
  /** What waits for one answer before its writer is asked to pause. */
  readonly streamShareBytes: number;
  /** What waits on one connection; beyond, answers that nobody reads are broken off. */
  readonly connectionBytes: number;
  /** What waits on all connections together; beyond, answers that wait longest and hold most are broken off. */
  readonly writeBytes: number;
  /** A connection that takes nothing for so long, while something waits for it, is closed. */
  readonly stallMs: number;
}

const mebibyte = 1024 * 1024;

export const defaultLimits: HttpLimits = {
  connections: 10_000,
  handshakeMs: 10_000,
  headMs: 30_000,
  idleMs: 120_000,
  headerBytes: 128 * 1024,
  headers: 200,
  headBytes: 32 * mebibyte,
  freeHeadBytes: 4096,
  streams: 1000,
  controlBurst: 1000,
  controlPerSecond: 100,
  streamWindowBytes: 256 * 1024,
  connectionWindowBytes: mebibyte,
  unwantedBytes: 4 * mebibyte,
  bodyGraceMs: 15_000,
  bodyBytesPerSecond: 4096,
  bodyBytes: 256 * mebibyte,
  streamShareBytes: 256 * 1024,
  connectionBytes: 64 * mebibyte,
  writeBytes: 256 * mebibyte,
  stallMs: 120_000,
};
