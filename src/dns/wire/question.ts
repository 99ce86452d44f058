import { ednsLength, writeEdns } from './edns.ts';
import { firstLabel } from './name.ts';
import { headerLength } from './query.ts';
import { internetClass } from './record.ts';
import { responseFlags } from './response.ts';

/** A question to another name server, as its answer repeats it. */
export interface OutgoingQuestion {
  readonly question: Buffer;
  readonly wantsDnssec: boolean;
  readonly isCheckingDisabled: boolean;
}

/** Name, type and class as they go over the wire. Throws for a name that cannot. */
export function questionBytes(name: string, type: number): Buffer {
  const parts: Buffer[] = [];
  for (let rest = name; rest !== '';) {
    const { label, rest: next } = firstLabel(rest);
    parts.push(Buffer.from([label.length]), Buffer.from(label, 'latin1'));
    rest = next;
  }
  parts.push(Buffer.from([0, type >> 8, type & 0xff, 0, internetClass]));
  return Buffer.concat(parts);
}

/** The same for questions that differ in capital letters only. */
export function questionKey(question: Buffer): string {
  // Type and class are no letters, though their bytes may look so.
  const end = question.length - 4;
  return question.toString('latin1', 0, end).toLowerCase() + question.toString('latin1', end);
}

/** The message that asks it. Some servers know nothing of EDNS, and break on it. */
export function writeQuestion(id: number, asked: OutgoingQuestion, withEdns = true): Buffer {
  const { question, wantsDnssec, isCheckingDisabled } = asked;
  const end = headerLength + question.length;
  const bytes = Buffer.alloc(withEdns ? end + ednsLength : end);
  // Whether the data are authentic is asked always: who does not want to know is not told.
  const flags =
    responseFlags.recursionDesired |
    responseFlags.authenticData |
    (isCheckingDisabled ? responseFlags.checkingDisabled : 0);
  [id, flags, 1, 0, 0, withEdns ? 1 : 0].forEach((field, index) => bytes.writeUInt16BE(field, index * 2));
  question.copy(bytes, headerLength);
  if (withEdns) writeEdns(bytes, end, { code: 0, wantsDnssec });
  return bytes;
}
