import { readName } from './name.ts';
import { recordType, responseCode } from './record.ts';

/** A question as somebody sent it. */
export interface Query {
  readonly id: number;
  readonly isRecursionDesired: boolean;
  readonly isCheckingDisabled: boolean;
  /** Whether the sender reads the bit that says "these data are authentic". */
  readonly wantsAuthenticData: boolean;
  /** In the letters that were sent. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Name, type and class as they were sent: an answer begins with them. */
  readonly question: Buffer;
  readonly edns: Edns | undefined;
}

/** What the sender said of itself (RFC 6891). */
export interface Edns {
  readonly version: number;
  /** The largest answer that it takes over UDP. */
  readonly udpSize: number;
  readonly wantsDnssec: boolean;
}

export type ParsedQuery =
  | { readonly kind: 'query'; readonly query: Query }
  /** Something to which the answer is only a code. */
  | { readonly kind: 'bad'; readonly id: number; readonly opcode: number; readonly code: number }
  /** Nothing that should be answered: too short, or itself an answer. */
  | { readonly kind: 'noise' };

export const headerLength = 12;
/** More records than these in a question are a sign of nothing good. */
const mostRecords = { answers: 1, authority: 1, additional: 2 };

/** Reads what came from somewhere; whatever it holds, this does not throw. The question's bytes are shared, not copied. */
export function parseQuery(bytes: Buffer): ParsedQuery {
  if (bytes.length < headerLength) return { kind: 'noise' };
  const id = bytes.readUInt16BE(0);
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return { kind: 'noise' };
  const opcode = (flags >> 11) & 15;
  const bad = (code: number): ParsedQuery => ({ kind: 'bad', id, opcode, code });
  if (opcode !== 0) return bad(responseCode.notImplemented);
  if (bytes.readUInt16BE(4) !== 1) return bad(responseCode.formatError);
  const read = readName(bytes, headerLength, false);
  if (read === undefined || read.next + 4 > bytes.length) return bad(responseCode.formatError);
  const { name, next } = read;
  const end = next + 4;
  const edns = readEdns(bytes, end);
  if (edns === 'malformed') return bad(responseCode.formatError);
  return {
    kind: 'query',
    query: {
      id,
      isRecursionDesired: (flags & 0x0100) !== 0,
      isCheckingDisabled: (flags & 0x0010) !== 0,
      wantsAuthenticData: (flags & 0x0020) !== 0,
      name,
      type: bytes.readUInt16BE(next),
      class: bytes.readUInt16BE(next + 2),
      question: bytes.subarray(headerLength, end),
      edns,
    },
  };
}

function readEdns(bytes: Buffer, start: number): Edns | undefined | 'malformed' {
  const answers = bytes.readUInt16BE(6);
  const authority = bytes.readUInt16BE(8);
  const additional = bytes.readUInt16BE(10);
  if (answers + authority + additional === 0) return undefined;
  if (answers > mostRecords.answers || authority > mostRecords.authority || additional > mostRecords.additional)
    return 'malformed';
  let edns: Edns | undefined;
  let at = start;
  for (let record = 0; record < answers + authority + additional; record++) {
    const read = readName(bytes, at);
    if (read === undefined || read.next + 10 > bytes.length) return 'malformed';
    const { name, next } = read;
    at = next + 10 + bytes.readUInt16BE(next + 8);
    if (at > bytes.length) return 'malformed';
    if (bytes.readUInt16BE(next) !== recordType.OPT) continue;
    if (edns !== undefined || name !== '' || record < answers + authority) return 'malformed';
    edns = {
      udpSize: bytes.readUInt16BE(next + 2),
      version: bytes[next + 5]!,
      wantsDnssec: (bytes[next + 6]! & 0x80) !== 0,
    };
  }
  return edns;
}
