import { recordType } from './record.ts';

/** Above this a UDP packet may not pass whole everywhere, whatever its receiver says. */
export const mostUdpBytes = 1232;
export const ednsLength = 11;

/** What is said back to somebody who speaks EDNS (RFC 6891). */
export interface EdnsAnswer {
  /** The response code: its upper bits have no room in the header. */
  readonly code: number;
  readonly wantsDnssec: boolean;
}

/** Writes the pseudo record at `at`: {@link ednsLength} bytes. */
export function writeEdns(bytes: Buffer, at: number, { code, wantsDnssec }: EdnsAnswer): void {
  bytes[at] = 0;
  bytes.writeUInt16BE(recordType.OPT, at + 1);
  bytes.writeUInt16BE(mostUdpBytes, at + 3);
  bytes[at + 5] = code >> 4;
  bytes[at + 6] = 0;
  bytes.writeUInt16BE(wantsDnssec ? 0x8000 : 0, at + 7);
  bytes.writeUInt16BE(0, at + 9);
}
