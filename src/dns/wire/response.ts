import { ednsLength, mostUdpBytes } from './edns.ts';
import { MessageWriter } from './message-writer.ts';
import { headerLength, type Query } from './query.ts';
import type { Answer, DnsRecord } from './record.ts';

const leastUdpBytes = 512;
export const mostTcpBytes = 65_535;
/** Most answers fit, and buffers of this size come from Node's pool. */
const usualBytes = 512;

export const responseFlags = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  authenticData: 0x0020,
  checkingDisabled: 0x0010,
} as const;

/** How long the answer to this question may be over UDP. */
export function udpLimit({ edns }: Query): number {
  return edns === undefined ? leastUdpBytes : Math.min(mostUdpBytes, Math.max(leastUdpBytes, edns.udpSize));
}

/** The flags that only mirror the question, and that we ask others where we do not know. */
export function mirroredFlags({ isRecursionDesired, isCheckingDisabled }: Query): number {
  return (
    responseFlags.response |
    responseFlags.recursionAvailable |
    (isRecursionDesired ? responseFlags.recursionDesired : 0) |
    (isCheckingDisabled ? responseFlags.checkingDisabled : 0)
  );
}

/** The bytes of an answer. Where it would be longer than `limit`, whole records at its end are left out, and it says so. */
export function writeResponse(query: Query, answer: Answer, limit: number): Buffer {
  const { code, answers, authority, additional } = answer;
  const room = limit - (query.edns === undefined ? 0 : ednsLength);
  const message = new MessageWriter(query.name, query.question, Math.min(limit, usualBytes));
  const append = (records: readonly DnsRecord[]): number => {
    for (const [index, record] of records.entries()) {
      const before = message.length;
      message.record(record);
      if (message.length <= room) continue;
      message.cut(before);
      return index;
    }
    return records.length;
  };
  const answerCount = append(answers);
  let isWhole = answerCount === answers.length;
  const authorityCount = isWhole ? append(authority) : 0;
  isWhole &&= authorityCount === authority.length;
  const additionalCount = isWhole ? append(additional) : 0;
  if (query.edns !== undefined) message.edns({ code, wantsDnssec: query.edns.wantsDnssec });
  const flags =
    mirroredFlags(query) |
    (answer.isAuthoritative ? responseFlags.authoritative : 0) |
    (isWhole ? 0 : responseFlags.truncated) |
    (code & 15);
  const lastCount = additionalCount + (query.edns === undefined ? 0 : 1);
  message.setHeader([query.id, flags, 1, answerCount, authorityCount, lastCount]);
  return message.finish();
}

/** An answer to what could not be read as a question: a header and nothing else. */
export function writeRefusal({ id, opcode, code }: { id: number; opcode: number; code: number }): Buffer {
  const bytes = Buffer.alloc(headerLength);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt16BE(responseFlags.response | (opcode << 11) | (code & 15), 2);
  return bytes;
}
