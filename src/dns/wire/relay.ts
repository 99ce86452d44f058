import { readName } from './name.ts';
import { headerLength, type Query } from './query.ts';
import { questionKey } from './question.ts';
import { internetClass, recordType, responseCode, type DnsRecord } from './record.ts';
import { ednsLength, writeEdns } from './edns.ts';
import { mirroredFlags, responseFlags } from './response.ts';

/** Where a record is in a message. */
interface Place {
  readonly section: 0 | 1 | 2;
  readonly start: number;
  readonly type: number;
  readonly class: number;
  readonly ttlAt: number;
  readonly dataAt: number;
  readonly end: number;
}

/** Another name server's answer, kept as the bytes that it sent: what we do not understand passes whole. */
export interface RelayedResponse {
  readonly bytes: Buffer;
  readonly code: number;
  readonly isTruncated: boolean;
  readonly places: readonly Place[];
}

/**
 * Reads the answer to a question that was sent under `id`. Answers `undefined` for what is none: another id or question
 * (letters may differ in case), or a message that is broken.
 */
export function parseRelayed(bytes: Buffer, id: number, question: Buffer): RelayedResponse | undefined {
  if (bytes.length < headerLength || bytes.readUInt16BE(0) !== id) return undefined;
  const flags = bytes.readUInt16BE(2);
  if ((flags & responseFlags.response) === 0 || ((flags >> 11) & 15) !== 0) return undefined;
  const code = flags & 15;
  const isTruncated = (flags & responseFlags.truncated) !== 0;
  const questions = bytes.readUInt16BE(4);
  // Who does not understand the question may not repeat it.
  if (questions === 0 && code === responseCode.formatError) return { bytes, code, isTruncated, places: [] };
  let at = headerLength + question.length;
  if (questions !== 1 || !isSameQuestion(bytes.subarray(headerLength, at), question)) return undefined;
  const places: Place[] = [];
  for (const section of [0, 1, 2] as const) {
    for (let left = bytes.readUInt16BE(6 + section * 2); left > 0; left--) {
      const place = readPlace(bytes, at, section);
      if (place === undefined) return isTruncated ? { bytes, code, isTruncated, places } : undefined;
      places.push(place);
      at = place.end;
    }
  }
  return { bytes, code, isTruncated, places };
}

/** The same name, type and class, in whatever letters. */
function isSameQuestion(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && questionKey(a) === questionKey(b);
}

function readPlace(bytes: Buffer, start: number, section: 0 | 1 | 2): Place | undefined {
  const next = readName(bytes, start)?.next;
  if (next === undefined || next + 10 > bytes.length) return undefined;
  const end = next + 10 + bytes.readUInt16BE(next + 8);
  if (end > bytes.length) return undefined;
  const [type, recordClass] = [bytes.readUInt16BE(next), bytes.readUInt16BE(next + 2)];
  return { section, start, type, class: recordClass, ttlAt: next + 4, dataAt: next + 10, end };
}

/** How long a relayed answer may be kept, by its own records, in seconds; `undefined` when they do not say. */
export function lifetimeOf({ bytes, code, places }: RelayedResponse): number | undefined {
  const ttls = places.filter(({ type }) => type !== recordType.OPT).map(({ ttlAt }) => bytes.readUInt32BE(ttlAt));
  const isDenial = code !== 0 || !places.some(({ section }) => section === 0);
  if (!isDenial) return Math.min(...ttls);
  const soa = places.find(({ section, type }) => section === 1 && type === recordType.SOA);
  if (soa === undefined || soa.end - soa.dataAt < 22) return undefined;
  return Math.min(...ttls, bytes.readUInt32BE(soa.end - 4));
}

/**
 * The answer for somebody who asked the same: with its id and its letters, with times that have gone on, and cut at the
 * end of a record where it would be longer than `limit`. Names only point backwards, so the rest stays readable.
 */
export function relay(
  { bytes, code, isTruncated, places }: RelayedResponse,
  query: Query,
  { limit, ageSeconds = 0 }: { limit: number; ageSeconds?: number },
): Buffer {
  const room = limit - (query.edns === undefined ? 0 : ednsLength);
  const counts = [0, 0, 0];
  let end = headerLength + query.question.length;
  let isWhole = !isTruncated;
  const kept: Place[] = [];
  for (const place of places) {
    // What the other server said of itself is not ours to say; what stands behind it may point into it.
    if (place.type === recordType.OPT) break;
    if (place.end > room) {
      isWhole &&= place.section === 2;
      break;
    }
    kept.push(place);
    counts[place.section]!++;
    end = place.end;
  }
  const copy = Buffer.allocUnsafe(end + (query.edns === undefined ? 0 : ednsLength));
  bytes.copy(copy, 0, 0, end);
  query.question.copy(copy, headerLength);
  for (const { ttlAt } of kept) copy.writeUInt32BE(ttlOf(bytes, ttlAt, ageSeconds), ttlAt);
  if (query.edns !== undefined) {
    writeEdns(copy, end, { code, wantsDnssec: query.edns.wantsDnssec });
    counts[2]!++;
  }
  const isAuthentic = query.wantsAuthenticData || query.edns?.wantsDnssec === true;
  const flags =
    mirroredFlags(query) |
    (isWhole ? 0 : responseFlags.truncated) |
    (isAuthentic ? bytes.readUInt16BE(2) & responseFlags.authenticData : 0) |
    code;
  [query.id, flags, 1, ...counts].forEach((field, index) => copy.writeUInt16BE(field, index * 2));
  return copy;
}

/** The addresses that a relayed answer ends in, with the aliases that lead to them. */
export function addressRecordsOf({ bytes, places }: RelayedResponse, ageSeconds = 0): DnsRecord[] {
  const records: DnsRecord[] = [];
  for (const { section, start, type, class: recordClass, ttlAt, dataAt, end } of places) {
    if (section !== 0 || recordClass !== internetClass) continue;
    const name = readName(bytes, start)!.name;
    const ttl = ttlOf(bytes, ttlAt, ageSeconds);
    const address = [...bytes.subarray(dataAt, end)];
    if (type === recordType.A && address.length === 4) records.push({ name, ttl, type: 'A', address });
    if (type === recordType.AAAA && address.length === 16) records.push({ name, ttl, type: 'AAAA', address });
    const target = type === recordType.CNAME ? readName(bytes, dataAt)?.name : undefined;
    if (target !== undefined) records.push({ name, ttl, type: 'CNAME', target });
  }
  return records;
}

function ttlOf(bytes: Buffer, at: number, ageSeconds: number): number {
  return Math.max(0, bytes.readUInt32BE(at) - ageSeconds);
}
